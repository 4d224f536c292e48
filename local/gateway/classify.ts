import type { IncomingMessage } from "node:http";

/** What of a request says which service and action it is for. */
export type RequestHead = Pick<IncomingMessage, "method" | "url" | "headers">;

/** SigV4 credential scope by the prefix of X-Amz-Target, for requests that carry no signature. */
const SCOPE_BY_TARGET: Record<string, string> = {
  AmazonSQS: "sqs",
  DynamoDB_20120810: "dynamodb",
  AWSStepFunctions: "states",
  AWSEvents: "events",
};

const CREDENTIAL_SCOPE = /Credential=[^/,]+\/\d{8}\/[^/,]+\/([^/,]+)\/aws4_request/;

/**
 * The service a request is for: by the credential scope of its signature (header or presigned query), else by the
 * prefix of X-Amz-Target; undefined when neither says.
 */
export const scopeOf = ({ url, headers }: RequestHead): string | undefined => {
  const signed = CREDENTIAL_SCOPE.exec(headers.authorization ?? "");
  if (signed) return signed[1];
  const presigned = queryOf(url).get("X-Amz-Credential");
  if (presigned !== null) return presigned.split("/")[3];
  const [prefix] = targetOf(headers)?.split(".") ?? [];
  return prefix === undefined ? undefined : SCOPE_BY_TARGET[prefix];
};

/** The action a request asks of `service`, by the name AWS gives it; a request of no known shape counts by method. */
export const actionOf = (service: string, request: RequestHead): string => {
  const method = request.method ?? "GET";
  if (service === "lambda") return /\/invocations(\?|$)/.test(request.url ?? "") ? "Invoke" : method;
  return targetOf(request.headers)?.split(".")[1] ?? method;
};

const targetOf = (headers: RequestHead["headers"]): string | undefined => {
  const target = headers["x-amz-target"];
  return typeof target === "string" ? target : undefined;
};

const queryOf = (url = "/"): URLSearchParams => new URLSearchParams(url.split("?", 2)[1] ?? "");
