import { Schema } from "effect";
import {
  COMPONENTS,
  type Component,
  MEDIA_TYPES,
  OPERATIONS,
  type Operation,
  PROBLEMS,
  type ProblemStatus,
} from "./api.ts";

/** The OpenAPI 3.1 document of the intake, made from the Schemas by which it decodes and encodes. */
export function openApiDocument(grid: string): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [id, operation] of Object.entries<Operation>(OPERATIONS)) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(id, operation) };
  }
  return {
    openapi: "3.1.0",
    info: { title: `Burstgrid "${grid}"`, version: "1", description: "Submit jobs to the grid, and read them." },
    // Relative to where this document lies, whatever stands before it.
    servers: [{ url: "." }],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(COMPONENTS).map(([name, schema]) => [name, jsonSchema(schema)])),
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
}

/** Requests with fields that the Schema does not have are refused, so it says so. */
const jsonSchema = (schema: Schema.Top) =>
  Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error", generateDescriptions: true }).schema;

const refTo = (component: Component) => ({ $ref: `#/components/schemas/${component}` });

function describe(operationId: string, operation: Operation) {
  const { summary, description, authenticated, body, answers, problems } = operation;
  const parameters = parametersOf(operation);
  return {
    operationId,
    summary,
    ...(description !== undefined && { description }),
    ...(!authenticated && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: { required: true, content: { [MEDIA_TYPES.json]: { schema: refTo(body) } } },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)])),
      ...Object.fromEntries([...(authenticated ? [401 as const] : []), ...problems, ...ALWAYS].map(problemResponse)),
    },
  };
}

/** Any operation may answer these. */
const ALWAYS: readonly ProblemStatus[] = [500, 503];

function parametersOf({ path, query, headers = {} }: Operation) {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: jsonSchema(COMPONENTS.Submitted.fields.jobId),
  }));
  const inQuery = Object.entries(query?.fields ?? {}).map(([name, field]) => {
    const { description, ...schema } = jsonSchema(field);
    return { name, in: "query", description, schema };
  });
  const inHeaders = Object.entries(headers).map(([name, description]) => ({
    name,
    in: "header",
    description,
    schema: { type: "string" },
  }));
  return [...inPath, ...inQuery, ...inHeaders];
}

const responseOf = ({ description, mediaType, schema, headers }: Operation["answers"][number]) => ({
  description,
  ...(headers !== undefined && {
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, says]) => [name, { description: says, schema: { type: "string" } }]),
    ),
  }),
  ...(mediaType !== undefined && {
    content: { [mediaType]: { schema: schema === undefined ? { type: "object" } : refTo(schema) } },
  }),
});

const problemResponse = (status: ProblemStatus) =>
  [
    status,
    { description: PROBLEMS[status][1], content: { [MEDIA_TYPES.problem]: { schema: refTo("Problem") } } },
  ] as const;
