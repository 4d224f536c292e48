import type { ServerResponse } from "node:http";
import { notImplemented } from "./faults.ts";
import type { S3Request, S3Target } from "./request.ts";

/** One action of S3: which requests are it, what they may carry, and what it does. */
export interface S3Action {
  name: string;
  method: string;
  on: S3Target["on"];
  /** The query parameter that makes a request this action (a sub-resource); none for the plain one of its method. */
  when?: string;
  /** As `when`, for a header. */
  whenHeader?: string;
  /** Further query parameters that are honoured. */
  query?: readonly string[];
  /** x-amz-… headers that are honoured beside those of signing; one that ends in a hyphen stands for all it begins. */
  headers?: readonly string[];
  run(request: S3Request, response: ServerResponse): void | Promise<void>;
}

/** x-amz-… headers and presigned parameters that say who asks and when. Signatures are not verified. */
const SIGNING = new Set([
  "x-amz-algorithm",
  "x-amz-content-sha256",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
  "x-amz-user-agent",
]);

/** The SDK's name for the operation, in the query of every request; it decides nothing. */
const OPERATION_HINT = "x-id";

/** The action a request is, if there is one of its method, target and sub-resource. */
export const actionFor = (actions: readonly S3Action[], target: S3Target): S3Action | undefined => {
  const candidates = actions.filter(({ method, on }) => method === target.method && on === target.on);
  const special = candidates.find(
    ({ when, whenHeader }) =>
      (when !== undefined && target.query.has(when)) ||
      (whenHeader !== undefined && target.headers[whenHeader] !== undefined),
  );
  return special ?? candidates.find(({ when, whenHeader }) => when === undefined && whenHeader === undefined);
};

/** @throws AwsFault NotImplemented naming the action, query parameters or headers of a request that are not honoured. */
export const honoured = (action: S3Action | undefined, request: S3Target): S3Action => {
  const names = [...request.query.keys()].filter((name) => name !== OPERATION_HINT && name !== action?.when);
  const query = names.filter((name) => !action?.query?.includes(name));
  const what = `${request.method} on the ${request.on}`;
  if (query.length > 0) throw notImplemented(`${what} with ?${query.join("&")} (${action?.name ?? "no such action"})`);
  if (!action) throw notImplemented(what);
  const headers = Object.keys(request.headers).filter(
    (name) => name.startsWith("x-amz-") && !SIGNING.has(name) && !takes(action, name),
  );
  if (headers.length > 0) throw notImplemented(`${action.name} with ${headers.join(", ")}`);
  return action;
};

const takes = ({ headers = [], whenHeader }: S3Action, name: string): boolean =>
  name === whenHeader || headers.some((each) => (each.endsWith("-") ? name.startsWith(each) : name === each));
