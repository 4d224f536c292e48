import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsFault, readBody } from "./aws-json.ts";
import type { Invocation } from "./functions/invocation.ts";
import type { Endpoint } from "./gateway.ts";
import { ACCOUNT, REGION } from "./names.ts";

export interface LocalIntakeOptions {
  /** Where the gateway mounts the endpoint: `/api`. The function sees paths without it. */
  readonly prefix: string;
  /** Runs the intake's function with an event, JSON text. */
  invoke(payload: string): Promise<Invocation>;
}

/** What an Application Load Balancer hands to a Lambda, and takes from one, at most; in bytes. */
const MAX_BYTES = 1024 * 1024;

/** Media types whose bodies a load balancer hands on as text; it encodes all others in Base64. */
const TEXT = /^(text\/.*|application\/(json|javascript|xml))$/;

/** Who may be asked for: a page of another site that makes its name lead to this machine must not reach the grid. */
const HOSTS = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

/** The load balancer in front of the intake's function, in plain HTTP on loopback. */
export const intakeEndpoint = ({ prefix, invoke }: LocalIntakeOptions): Endpoint => ({
  async handle(request, response) {
    if (!HOSTS.test(request.headers.host ?? "")) return refuse(response, 404, `no such host: ${request.headers.host}`);
    const body = await readBody(request, MAX_BYTES).catch((error: unknown) => {
      if (error instanceof AwsFault) return error;
      throw error;
    });
    if (body instanceof AwsFault) return refuse(response, body.status, body.message);
    const invocation = await invoke(JSON.stringify(eventOf(request, prefix, body)));
    if (!invocation.ok) return refuse(response, 502, `${invocation.errorType}: ${invocation.errorMessage}`);
    const bytes = Buffer.byteLength(invocation.payload);
    if (bytes > MAX_BYTES)
      return refuse(response, 502, `the function's answer has ${bytes} bytes, at most ${MAX_BYTES} are taken`);
    send(response, JSON.parse(invocation.payload) as LambdaAnswer);
  },
});

/** As the Elastic Load Balancing guide has it, "Lambda functions as targets". */
function eventOf(request: IncomingMessage, prefix: string, body: Buffer): object {
  const [path, query = ""] = (request.url ?? "/").slice(prefix.length).split("?", 2) as [string, string?];
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "text/plain";
  const isText = TEXT.test(type);
  return {
    requestContext: {
      elb: { targetGroupArn: `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:targetgroup/local-intake/local` },
    },
    httpMethod: request.method,
    path: path === "" ? "/" : path,
    queryStringParameters: parametersOf(query),
    headers: {
      ...headersOf(request),
      "x-amzn-trace-id": `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString("hex")}`,
      "x-forwarded-for": request.socket.remoteAddress ?? "127.0.0.1",
      "x-forwarded-port": String(request.socket.localPort ?? ""),
      "x-forwarded-proto": "http",
    },
    body: body.toString(isText ? "utf8" : "base64"),
    isBase64Encoded: !isText,
  };
}

/** Not decoded; of a repeated one the last. */
const parametersOf = (query: string): Record<string, string> =>
  Object.fromEntries(
    query
      .split("&")
      .filter((parameter) => parameter !== "")
      .map((parameter) => {
        const [name, ...value] = parameter.split("=");
        return [name, value.join("=")];
      }),
  );

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().at(-1) ?? ""]));

interface LambdaAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

function send(response: ServerResponse, { statusCode, headers = {}, body = "", isBase64Encoded }: LambdaAnswer): void {
  response.writeHead(statusCode, headers);
  response.end(Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8"));
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" });
  response.end(`${text}\n`);
}
