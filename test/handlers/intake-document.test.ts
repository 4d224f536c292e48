import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ENV } from "#grid/names.ts";
import { openApiDocument } from "#grid/openapi.ts";
import { handler as collect } from "#handlers/collect.ts";
import { callbacks } from "./callbacks.ts";
import { type Got, type Sent, send } from "./intake-request.ts";
import { batch, context, section, splitJob } from "./job.ts";
import { type Parts, startParts } from "./parts.ts";

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly headers?: Readonly<Record<string, object>>;
}

let parts: Parts;
const document = openApiDocument("grid") as unknown as Document;
const aws = callbacks();

beforeAll(async () => {
  parts = await startParts();
  // Everybody may ask: the document is about more than tokens.
  process.env[ENV.intakeIssuer] = "none";
});
afterAll(() => parts.close());
beforeEach(() => aws.reset());

/** A check by a schema of the document, its references led to the document's components. */
function checkBy(schema: object): (value: unknown) => void {
  const validate = new Ajv2020({ strict: false }).compile({ ...schema, components: document.components });
  return (value) => {
    validate(value);
    expect(validate.errors ?? []).toEqual([]);
  };
}

/** Sends a request, and holds the answer against what the document says of its path, method and status. */
async function described(path: string, line: string, sent: Sent = {}): Promise<Got> {
  const got = await send(line, sent);
  const [method] = line.split(" ");
  const operation = document.paths[path]![method!.toLowerCase()]!;
  const response = operation.responses[got.status];
  expect([line, got.status, response !== undefined]).toEqual([line, got.status, true]);
  const mediaType = got.headers["content-type"]!;
  const schema = response!.content?.[mediaType]?.schema;
  expect([mediaType, schema !== undefined]).toEqual([mediaType, true]);
  const check = checkBy(schema!);
  if (mediaType === "application/jsonl") for (const row of got.rows) check(row);
  else check(got.body);
  for (const header of Object.keys(got.headers).filter((name) => ["link", "location"].includes(name))) {
    expect(Object.keys(response!.headers ?? {})).toContain(header);
  }
  return got;
}

describe("the document", () => {
  it("is answered to anybody", async () => {
    const { status, body } = await send("GET /openapi.json");
    expect([status, body]).toEqual([200, JSON.parse(JSON.stringify(document))]);
  });

  it("refers to nothing that it does not have", () => {
    const references = JSON.stringify(document).match(/"\$ref":"[^"]*"/g) ?? [];
    const known = Object.keys(document.components.schemas).map((name) => `"$ref":"#/components/schemas/${name}"`);
    expect([...new Set(references)].toSorted()).toEqual(known.toSorted());
  });

  it("describes each part of a path, and says that all but itself needs a token", () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const { parameters = [], security, responses } of Object.values(methods)) {
        const named = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => `{${name}}`);
        expect(path.match(/\{\w+\}/g) ?? []).toEqual(named);
        const open = path === "/openapi.json";
        expect([path, security, "401" in responses]).toEqual([path, open ? [] : undefined, !open]);
      }
    }
  });

  it("has a Schema for a job that takes what the grid takes, and no more", () => {
    const { schema } = document.paths["/jobs"]!["post"]!.requestBody!.content["application/json"]!;
    const accepts = (value: object) =>
      new Ajv2020({ strict: false }).validate({ ...schema, components: document.components }, value);
    expect(accepts({ application: "a", jobId: "j-1", tasks: [1, {}], tags: { a: "b" }, priority: "low" })).toBe(true);
    expect(accepts({ application: "a", inputUri: "s3://bucket/key", deadlineSeconds: 1.5 })).toBe(true);
    for (const bad of [
      {},
      { application: "" },
      { application: "a", jobId: "-" },
      { application: "a", inputUri: "http://x" },
      { application: "a", priority: "urgent" },
      { application: "a", more: 1 },
    ]) {
      expect([bad, accepts(bad)]).toEqual([bad, false]);
    }
  });
});

describe("what the document says", () => {
  it("of submitting holds", async () => {
    await splitJob(parts, 1, 1, { jobId: "there" });
    const post = (body: unknown, headers?: Record<string, string>) =>
      described("/jobs", "POST /jobs", { body, ...(headers && { headers }) });
    const statuses = [
      await post({ application: "squares", tags: { desk: "a" } }),
      await post({ application: "squares", jobId: "there" }),
      await post({ application: "squares", jobId: 3, tags: { a: 1 } }),
      await post({ application: "merged", jobId: "there" }),
      await post("x".repeat(200_000)),
      await post("x", { "content-type": "text/plain" }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([202, 200, 400, 409, 413, 415]);
  });

  it("of reading a job and its results holds", async () => {
    const [chunk] = await splitJob(parts, 3, 3, { jobId: "read" });
    await parts.run(parts.ledger.openChunk("read", chunk!, { token: "t", epoch: 0, lane: "fast", now: new Date() }));
    await collect(batch(section("read", "0", [0, 1], [2])), context);
    const statuses = [
      await described("/jobs/{jobId}", "GET /jobs/read"),
      await described("/jobs/{jobId}", "GET /jobs/absent"),
      await described("/jobs/{jobId}/results", "GET /jobs/read/results"),
      await described("/jobs/{jobId}/results", "GET /jobs/read/results?limit=1"),
      await described("/jobs/{jobId}/results", "GET /jobs/read/results?limit=0"),
      await described("/jobs/{jobId}/results", "GET /jobs/absent/results"),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 404, 200, 200, 400, 404]);
  });

  it("of cancelling and retrying holds: they are not served", async () => {
    for (const verb of ["cancel", "retry"]) {
      expect((await described(`/jobs/{jobId}/${verb}`, `POST /jobs/there/${verb}`)).status).toBe(501);
      expect((await described(`/jobs/{jobId}/${verb}`, `POST /jobs/absent/${verb}`)).status).toBe(404);
    }
  });
});
