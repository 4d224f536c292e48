import type { IncomingMessage } from "node:http";
import { badRequest, KubernetesFault } from "./faults.ts";

/** The API server's own limit on a request body. */
const LONGEST_BODY_BYTES = 3 * 1024 * 1024;

/** The JSON of a request, or undefined when it has no body. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_BODY_BYTES)
      throw new KubernetesFault(413, "RequestEntityTooLarge", `the body is longer than ${LONGEST_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  const type = request.headers["content-type"] ?? "application/json";
  if (!/json\b/.test(type))
    throw new KubernetesFault(415, "UnsupportedMediaType", `the body must be JSON here, not ${type}`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw badRequest(`the body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** Parameters that change nothing here, whatever the request: names for logs, formatting, and how long to wait. */
const HARMLESS = ["pretty", "timeout", "timeoutSeconds", "fieldManager", "fieldValidation"];

/** Parameters of a list that change nothing: all there is comes in one page, as new as it is. */
export const LIST_PAGING = ["limit", "resourceVersion", "resourceVersionMatch"];

/** Refuses parameters other than `known`, by name; `false` and nothing are as good as not given. */
export function onlyParameters(query: URLSearchParams, known: readonly string[]): void {
  for (const [name, value] of query) {
    if (known.includes(name) || HARMLESS.includes(name) || value === "" || value === "false") continue;
    throw badRequest(`the local Kubernetes does not implement the query parameter ${name} (=${value}) of this request`);
  }
}

/** A parameter that is a whole number. */
export function numberParameter(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === "") return undefined;
  if (!/^\d+$/.test(value)) throw badRequest(`the query parameter ${name} must be a whole number, not "${value}"`);
  return Number(value);
}
