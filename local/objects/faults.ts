import { AwsFault } from "../aws-json.ts";
import { element, xmlDocument } from "../xml.ts";

/** An error of S3, by the code and status of the S3 API reference. */
export const s3Fault = (status: number, code: string, message: string): AwsFault =>
  new AwsFault(code, message, { status });

export const noSuchKey = (bucket: string, key: string): AwsFault =>
  s3Fault(404, "NoSuchKey", `the object ${key} does not exist in the bucket ${bucket}`);

export const preconditionFailed = (what: string): AwsFault => s3Fault(412, "PreconditionFailed", what);

export const notImplemented = (what: string): AwsFault =>
  s3Fault(501, "NotImplemented", `S3: ${what} is not implemented locally`);

/** The body S3 sends with an error. */
export const faultDocument = ({ code, message }: { code: string; message: string }, resource: string): string =>
  xmlDocument(element("Error", [element("Code", code), element("Message", message), element("Resource", resource)]));
