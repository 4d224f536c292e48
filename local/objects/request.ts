import type { IncomingMessage } from "node:http";
import type { Conditions } from "./conditions.ts";
import { s3Fault } from "./faults.ts";

/** What of a request says which action it is. */
export interface S3Target {
  method: string;
  on: "service" | "bucket" | "object";
  /** Query parameters that are no headers in disguise. */
  query: URLSearchParams;
  /** Headers by lower-case name, with those a presigned URL carries in its query. */
  headers: Record<string, string>;
}

/** A request of S3, decoded from its path-style URL and its headers. */
export interface S3Request extends S3Target {
  /** Empty for requests on the service itself. */
  bucket: string;
  /** Empty for requests on the service and on buckets. */
  key: string;
  incoming: IncomingMessage;
}

export const targetOf = (incoming: IncomingMessage): S3Target => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
  const query = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(incoming.url?.split("?", 2)[1] ?? "")) {
    if (/^x-amz-/i.test(name)) headers[name.toLowerCase()] = value;
    else query.append(name, value);
  }
  const [bucket, key] = pathOf(incoming);
  const on = bucket === "" ? "service" : key === "" ? "bucket" : "object";
  return { method: incoming.method ?? "GET", on, query, headers };
};

/** AWS's limit of a key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/** @throws AwsFault InvalidURI, KeyTooLongError */
export const parseRequest = (incoming: IncomingMessage): S3Request => {
  const [bucket, key] = pathOf(incoming).map(decode) as [string, string];
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    const message = `a key has at most ${MAX_KEY_BYTES} bytes, came ${Buffer.byteLength(key)}`;
    throw s3Fault(400, "KeyTooLongError", message);
  }
  return { ...targetOf(incoming), bucket, key, incoming };
};

/** Bucket and key, still percent-encoded. */
const pathOf = ({ url = "/" }: IncomingMessage): [string, string] => {
  const [path = "/"] = url.split("?", 1);
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return [bucket, key];
};

export const conditionsOf = ({ headers }: S3Request): Conditions => ({
  ifMatch: headers["if-match"],
  ifNoneMatch: headers["if-none-match"],
  ifModifiedSince: headers["if-modified-since"],
  ifUnmodifiedSince: headers["if-unmodified-since"],
});

/** Percent-decodes a part of a URL. */
export const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw s3Fault(400, "InvalidURI", `"${text}" is not percent-encoded UTF-8`);
  }
};

/** Headers that are kept with an object and answered with it, beside x-amz-meta-…. */
const KEPT = ["content-type", "content-disposition", "content-language", "cache-control", "expires"];

/** The headers of a write that a later read answers with. */
export const keptHeaders = ({ headers }: S3Request): Record<string, string> => {
  const kept: Record<string, string> = { "content-type": "binary/octet-stream" };
  for (const [name, value] of Object.entries(headers)) {
    if (KEPT.includes(name) || name.startsWith("x-amz-meta-")) kept[name] = value;
  }
  const encoding = (headers["content-encoding"] ?? "").split(",").filter((each) => each.trim() !== "aws-chunked");
  if (encoding.join("") !== "") kept["content-encoding"] = encoding.join(",").trim();
  return kept;
};
