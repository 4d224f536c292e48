import type { IncomingMessage, ServerResponse } from "node:http";
import type { Endpoint } from "./gateway.ts";

/** An error an AWS service answers with: `{__type: code, message, ...extra}` and an HTTP status. */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;
  readonly extra: Record<string, unknown>;

  /**
   * @param code the error's name as the SDK shows it, e.g. `ResourceNotFoundException`.
   * @param options.status HTTP status, 400 when absent.
   * @param options.extra further members of the error, e.g. `{ Item }`.
   */
  constructor(code: string, message: string, options: { status?: number; extra?: Record<string, unknown> } = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.extra = options.extra ?? {};
  }
}

/** The largest body a JSON service takes, 16 MiB: what DynamoDB allows for one request, the most of any of them. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/**
 * One action: takes the decoded input, returns what is sent as JSON (undefined is sent as `{}`). `response` is for
 * actions that wait: it emits `close` when the caller goes away.
 */
export type JsonAction = (input: Record<string, unknown>, response: ServerResponse) => unknown | Promise<unknown>;

/**
 * A service of the AWS JSON protocol: `X-Amz-Target: <targetPrefix>.<Action>`. An action that is not in `actions` is
 * refused by name; an AwsFault becomes its answer, any other error a 500 InternalServerError with its message.
 */
export const jsonEndpoint = (options: {
  service: string;
  targetPrefix: string;
  version: "1.0" | "1.1";
  actions: Record<string, JsonAction>;
  /** Further headers of an error answer. */
  faultHeaders?: (fault: AwsFault) => Record<string, string>;
}): Endpoint => {
  const { service, targetPrefix, version } = options;
  const actions = new Map(Object.entries(options.actions));
  const run = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    const target = String(request.headers["x-amz-target"] ?? "");
    const body = await readBody(request);
    const action = target.startsWith(`${targetPrefix}.`) ? target.slice(targetPrefix.length + 1) : undefined;
    if (action === undefined) {
      const message = `${service}: the header X-Amz-Target must be ${targetPrefix}.<Action>, came "${target}"`;
      throw new AwsFault("UnknownOperationException", message);
    }
    return await actionNamed(service, actions, action)(parseInput(service, action, body), response);
  };
  return {
    async handle(request, response) {
      try {
        send(response, version, 200, (await run(request, response)) ?? {});
      } catch (error) {
        const fault = asFault(service, error);
        for (const [name, value] of Object.entries(options.faultHeaders?.(fault) ?? {}))
          response.setHeader(name, value);
        sendFault(response, version, fault);
      }
    },
  };
};

/** Looks an action up; one that is not there is refused with its name and the names of those that are. */
const actionNamed = <A>(service: string, actions: ReadonlyMap<string, A>, action: string): A => {
  const found = actions.get(action);
  if (found !== undefined) return found;
  const served = [...actions.keys()].sort().join(", ");
  const message = `${service}: the action ${action} is not implemented locally; implemented are: ${served}`;
  throw new AwsFault("UnknownOperationException", message);
};

/** @throws AwsFault ValidationException naming each field of `input` that is not in `known`. */
export const onlyFields = (service: string, action: string, input: object, known: readonly string[]): void => {
  const unknown = Object.keys(input).filter((field) => !known.includes(field));
  if (unknown.length === 0) return;
  const message = `${service} ${action}: not implemented locally: ${unknown.join(", ")}; known fields are: ${known.join(", ")}`;
  throw new AwsFault("ValidationException", message);
};

/**
 * The whole body of a request.
 * @throws AwsFault RequestEntityTooLarge (413) over `maxBytes`, 16 MiB by default.
 */
export const readBody = (request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
    });
    request.on("error", reject);
    request.on("end", () => {
      if (bytes <= maxBytes) return resolve(Buffer.concat(chunks, bytes));
      const message = `the request has ${bytes} bytes, at most ${maxBytes} are taken`;
      reject(new AwsFault("RequestEntityTooLarge", message, { status: 413 }));
    });
  });

/**
 * The JSON object in a request's body; an empty body is `{}`.
 * @throws AwsFault SerializationException when it is anything else.
 */
const parseInput = (service: string, action: string, body: Buffer): Record<string, unknown> => {
  if (body.length === 0) return {};
  const notAnObject = (why: string) =>
    new AwsFault("SerializationException", `${service} ${action}: the body must be a JSON object, ${why}`);
  let input: unknown;
  try {
    input = JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw notAnObject(error instanceof Error ? error.message : String(error));
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw notAnObject(`came ${Array.isArray(input) ? "an array" : input === null ? "null" : typeof input}`);
  }
  return input as Record<string, unknown>;
};

/** Answers with an error of the AWS JSON protocol. */
const sendFault = (response: ServerResponse, version: "1.0" | "1.1", fault: AwsFault): void => {
  response.setHeader("x-amzn-errortype", fault.code);
  send(response, version, fault.status, { __type: fault.code, message: fault.message, ...fault.extra });
};

const asFault = (service: string, error: unknown): AwsFault =>
  error instanceof AwsFault
    ? error
    : new AwsFault("InternalServerError", `${service}: ${error instanceof Error ? error.message : String(error)}`, {
        status: 500,
      });

const send = (response: ServerResponse, version: "1.0" | "1.1", status: number, body: unknown): void => {
  const json = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": `application/x-amz-json-${version}`, "content-length": json.length });
  response.end(json);
};
