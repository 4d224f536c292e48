import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Endpoint } from "../gateway.ts";
import type { Cluster } from "./cluster.ts";
import { discovery, VERSION } from "./discovery.ts";
import { KubernetesFault, noSuchPath, statusOf, unauthorized } from "./faults.ts";
import { answer } from "./resources.ts";
import { targetOf } from "./routes.ts";

export interface ApiOptions {
  readonly cluster: Cluster;
  /** Path below which the API is served. */
  readonly prefix: string;
  /** The bearer token that is let in. */
  readonly token: string;
  /** File with a pod's log. */
  logOf(namespace: string, pod: string): string;
}

/** An answer: JSON, or bytes of a log. */
export interface Answer {
  readonly code: number;
  readonly body: object | Buffer;
  /** Shown by clients such as kubectl. */
  readonly warnings?: readonly string[];
}

/** Paths open to everybody, as in Kubernetes. */
const OPEN = new Map<string, object | Buffer>([
  ["/version", VERSION],
  ["/healthz", Buffer.from("ok")],
  ["/livez", Buffer.from("ok")],
  ["/readyz", Buffer.from("ok")],
]);

/** The API over HTTP. */
export function apiEndpoint(options: ApiOptions): Endpoint {
  return {
    async handle(request, response) {
      try {
        send(response, await handle(request, options));
      } catch (error) {
        const fault = error instanceof KubernetesFault ? error : internal(error);
        send(response, { code: fault.code, body: statusOf(fault) });
      }
    },
  };
}

async function handle(request: IncomingMessage, options: ApiOptions): Promise<Answer> {
  const url = new URL(request.url ?? "/", "http://local");
  if (!url.pathname.startsWith(options.prefix)) throw noSuchPath(url.pathname);
  const path = url.pathname.slice(options.prefix.length);
  const open = OPEN.get(path);
  if (open !== undefined) return { code: 200, body: open };
  if (!isToken(request.headers.authorization, options.token)) throw unauthorized();
  const known = request.method === "GET" ? discovery(path) : undefined;
  if (known !== undefined) return { code: 200, body: known };
  return answer(request, targetOf(path), url.searchParams, options);
}

function isToken(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(authorization ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function internal(error: unknown): KubernetesFault {
  return new KubernetesFault(500, "InternalError", error instanceof Error ? error.message : String(error));
}

function send(response: ServerResponse, { code, body, warnings = [] }: Answer): void {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  if (warnings.length > 0)
    response.setHeader(
      "warning",
      warnings.map((text) => `299 - ${JSON.stringify(text)}`),
    );
  response.writeHead(code, {
    "content-type": Buffer.isBuffer(body) ? "text/plain; charset=utf-8" : "application/json",
    "content-length": bytes.length,
  });
  response.end(bytes);
}
