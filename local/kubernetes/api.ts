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
  /** Lets a request in. */
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
  if (!isLetIn(request.headers.authorization, options.token)) throw unauthorized();
  const known = request.method === "GET" ? discovery(path) : undefined;
  if (known !== undefined) return { code: 200, body: known };
  return answer(request, targetOf(path), url.searchParams, options);
}

/**
 * Whether the request carries the token: as a bearer, or as the password of a user of any name. kubectl sends no bearer without
 * TLS, but it does send the password of `--server http://any:TOKEN@127.0.0.1:PORT/kubernetes`.
 */
function isLetIn(authorization: string | undefined, token: string): boolean {
  const [scheme, credentials = ""] = (authorization ?? "").split(" ", 2);
  if (scheme === "Bearer") return isSame(credentials, token) || isEksToken(credentials);
  return (
    scheme === "Basic" &&
    isSame(
      Buffer.from(credentials, "base64")
        .toString()
        .replace(/^[^:]*:/, ""),
      token,
    )
  );
}

/**
 * Whether it is a token as EKS takes it: a signed request to STS, which EKS would send to learn who calls. Here credentials are of no
 * account, and every caller may do everything.
 */
function isEksToken(token: string): boolean {
  const [, url = ""] = /^k8s-aws-v1\.(.+)$/.exec(token) ?? [];
  return /^https:\/\/sts\..+Action=GetCallerIdentity.+X-Amz-Signature=[0-9a-f]{64}$/.test(
    Buffer.from(url, "base64url").toString(),
  );
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
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
