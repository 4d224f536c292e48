import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsFault, readBody } from "../aws-json.ts";
import type { Endpoint } from "../gateway.ts";
import { type FunctionDefinition, functionArn, nameOf } from "./definition.ts";
import type { Invocation } from "./invocation.ts";
import type { EventSourceMapping } from "./mapping.ts";

/** A mapping that is at work. */
export interface DeployedMapping {
  readonly id: string;
  readonly mapping: EventSourceMapping;
  readonly functionArn: string;
  readonly mappedAt: Date;
}

/** What the REST API stands on. */
export interface LambdaActions {
  invoke(nameOrArn: string, payload: string): Promise<Invocation>;
  invokeEvent(nameOrArn: string, payload: string): Promise<void>;
  functions(): readonly { readonly definition: FunctionDefinition; readonly deployedAt: Date }[];
  mappings(): readonly DeployedMapping[];
}

/** An event's size, at most, in bytes: 6 MB when the caller waits, 1 MB when not. */
const MAX_EVENT_BYTES = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024 };

const HEADERS_OF_INVOKE = ["client-context", "durable-execution-name", "tenant-id"].map((name) => `x-amz-${name}`);

/** Lambda's REST API: Invoke (RequestResponse, Event), ListFunctions and ListEventSourceMappings. */
export const lambdaEndpoint = (actions: LambdaActions): Endpoint => ({
  async handle(request, response) {
    try {
      await route(actions, request, response);
    } catch (error) {
      sendFault(response, error);
    }
  },
});

const route = async (actions: LambdaActions, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = new URL(request.url ?? "/", "http://lambda");
  const path = url.pathname.replace(/\/$/, "");
  const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
  if (request.method === "POST" && invoked !== undefined) {
    onlyParameters(url, ["Qualifier"]);
    const qualifier = url.searchParams.get("Qualifier");
    const name = decodeURIComponent(invoked) + (qualifier === null ? "" : `:${qualifier}`);
    return await invoke(actions, nameOf(name), request, response);
  }
  if (request.method === "GET" && path === "/2015-03-31/functions") {
    onlyParameters(url, []);
    return sendJson(response, 200, { Functions: actions.functions().map(functionConfiguration) });
  }
  if (request.method === "GET" && path === "/2015-03-31/event-source-mappings") {
    onlyParameters(url, ["FunctionName", "EventSourceArn"]);
    return sendJson(response, 200, { EventSourceMappings: selectMappings(actions.mappings(), url.searchParams) });
  }
  const message = `lambda: ${request.method} ${path} is not implemented locally; implemented are: Invoke, ListFunctions, ListEventSourceMappings`;
  throw new AwsFault("UnknownOperationException", message);
};

const onlyParameters = (url: URL, known: readonly string[]): void => {
  const unknown = [...url.searchParams.keys()].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw notImplemented(`the parameter ${unknown.join(", ")} of ${url.pathname}`);
  }
};

const invoke = async (
  actions: LambdaActions,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const header = (key: string, absent: string): string => String(request.headers[key] ?? absent);
  const type = header("x-amz-invocation-type", "RequestResponse");
  if (type !== "RequestResponse" && type !== "Event") throw notImplemented(`the InvocationType ${type}`);
  if (header("x-amz-log-type", "None") !== "None")
    throw notImplemented("LogType Tail: look into the function's log file");
  const unknown = HEADERS_OF_INVOKE.filter((key) => request.headers[key] !== undefined);
  if (unknown.length > 0) throw notImplemented(`the header ${unknown.join(", ")} of Invoke`);
  const payload = eventText(await readBody(request), MAX_EVENT_BYTES[type]);
  if (type === "Event") {
    await actions.invokeEvent(name, payload);
    response.writeHead(202).end();
    return;
  }
  const invocation = await actions.invoke(name, payload);
  response.setHeader("x-amz-executed-version", "$LATEST");
  if (invocation.ok) return send(response, 200, invocation.payload);
  const { errorType, errorMessage, trace } = invocation;
  response.setHeader("x-amz-function-error", "Unhandled");
  sendJson(response, 200, { errorType, errorMessage, trace });
};

/** The event in a request's body as JSON text; an empty body is an empty event. */
const eventText = (body: Buffer, maxBytes: number): string => {
  if (body.length > maxBytes) {
    const message = `Request must be smaller than ${maxBytes} bytes for the InvokeFunction operation, came ${body.length}`;
    throw new AwsFault("RequestTooLargeException", message, { status: 413 });
  }
  if (body.length === 0) return "{}";
  const text = body.toString("utf8");
  try {
    JSON.parse(text);
  } catch (error) {
    const message = `Could not parse request body into json: ${error instanceof Error ? error.message : String(error)}`;
    throw new AwsFault("InvalidRequestContentException", message);
  }
  return text;
};

const functionConfiguration = ({ definition, deployedAt }: { definition: FunctionDefinition; deployedAt: Date }) => ({
  FunctionName: definition.name,
  FunctionArn: functionArn(definition.name),
  Handler: definition.handler,
  Runtime: "nodejs24.x",
  PackageType: "Zip",
  Timeout: definition.timeoutSeconds,
  MemorySize: definition.memoryMegabytes,
  Environment: { Variables: definition.environment },
  Version: "$LATEST",
  State: "Active",
  LastModified: deployedAt.toISOString().replace("Z", "+0000"),
});

const selectMappings = (mappings: readonly DeployedMapping[], wanted: URLSearchParams) => {
  const name = wanted.get("FunctionName");
  const arn = name === null ? null : functionArn(nameOf(name));
  const queueArn = wanted.get("EventSourceArn");
  return mappings
    .filter((each) => arn === null || each.functionArn === arn)
    .filter((each) => queueArn === null || each.mapping.queueArn === queueArn)
    .map(mappingConfiguration);
};

const mappingConfiguration = ({ id, mapping, functionArn: arn, mappedAt }: DeployedMapping) => ({
  UUID: id,
  EventSourceArn: mapping.queueArn,
  FunctionArn: arn,
  BatchSize: mapping.batchSize,
  MaximumBatchingWindowInSeconds: mapping.windowSeconds,
  FunctionResponseTypes: mapping.reportBatchItemFailures ? ["ReportBatchItemFailures"] : [],
  ...(mapping.maximumConcurrency === undefined
    ? {}
    : { ScalingConfig: { MaximumConcurrency: mapping.maximumConcurrency } }),
  State: "Enabled",
  StateTransitionReason: "USER_INITIATED",
  LastModified: mappedAt.getTime() / 1000,
});

const notImplemented = (what: string): AwsFault =>
  new AwsFault("InvalidParameterValueException", `lambda: ${what} is not implemented locally`);

/** Errors of Lambda's protocol (REST JSON): the name in a header, the message in the body. */
const sendFault = (response: ServerResponse, error: unknown): void => {
  const message = error instanceof Error ? error.message : String(error);
  const fault = error instanceof AwsFault ? error : new AwsFault("ServiceException", message, { status: 500 });
  response.setHeader("x-amzn-errortype", fault.code);
  sendJson(response, fault.status, { Type: fault.status < 500 ? "User" : "Service", message });
};

const sendJson = (response: ServerResponse, status: number, body: unknown): void =>
  send(response, status, JSON.stringify(body));

const send = (response: ServerResponse, status: number, json: string): void => {
  const bytes = Buffer.from(json);
  response.writeHead(status, { "content-type": "application/json", "content-length": bytes.length }).end(bytes);
};
