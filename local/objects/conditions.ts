import { noSuchKey, preconditionFailed } from "./faults.ts";

/** The conditional headers of a request. */
export interface Conditions {
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  ifModifiedSince: string | undefined;
  ifUnmodifiedSince: string | undefined;
}

/** What conditions are about. */
export interface Version {
  etag: string;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
}

/**
 * Whether a read may go on, in HTTP's order of precedence (RFC 9110, 13.2.2): false is 304 Not Modified.
 * @throws AwsFault PreconditionFailed
 */
export const readAllowed = (conditions: Conditions, { etag, modifiedAt }: Version): boolean => {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  const modified = Math.floor(modifiedAt / 1000) * 1000;
  if (ifMatch !== undefined) {
    if (!names(ifMatch, etag)) throw preconditionFailed(`If-Match is ${ifMatch}, the object's ETag is "${etag}"`);
  } else if (ifUnmodifiedSince !== undefined && modified > Date.parse(ifUnmodifiedSince)) {
    throw preconditionFailed(`the object was modified after ${ifUnmodifiedSince}`);
  }
  if (ifNoneMatch !== undefined) return !names(ifNoneMatch, etag);
  return ifModifiedSince === undefined || !(modified <= Date.parse(ifModifiedSince));
};

/**
 * Checks `If-None-Match: *` (write only what is not there) and `If-Match: <etag>` (write only over what was read).
 * @throws AwsFault PreconditionFailed, or NoSuchKey for an If-Match on nothing.
 */
export const checkWrite = (
  conditions: Conditions,
  bucket: string,
  key: string,
  existing: Version | undefined,
): void => {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifNoneMatch !== undefined && existing) throw preconditionFailed(`If-None-Match: the object ${key} exists`);
  if (ifMatch === undefined) return;
  if (!existing) throw noSuchKey(bucket, key);
  if (names(ifMatch, existing.etag)) return;
  throw preconditionFailed(`If-Match is ${ifMatch}, the ETag of ${key} is "${existing.etag}"`);
};

const names = (header: string, etag: string): boolean =>
  header === "*" || header.split(",").some((each) => each.trim().replaceAll('"', "") === etag);
