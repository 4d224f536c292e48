import type { ServerResponse } from "node:http";
import { type XmlElement, xmlDocument } from "../xml.ts";
import type { StoredObject } from "./catalog.ts";

export const sendXml = (response: ServerResponse, root: XmlElement): void => {
  const body = Buffer.from(xmlDocument(root));
  response.writeHead(200, { "content-type": "application/xml", "content-length": body.length });
  response.end(body);
};

export const sendEmpty = (
  response: ServerResponse,
  status: 200 | 204 | 304,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { ...headers, ...(status === 200 && { "content-length": "0" }) });
  response.end();
};

/** The headers a read of the whole object answers with. */
export const objectHeaders = ({ headers, etag, modifiedAt }: StoredObject): Record<string, string> => ({
  ...headers,
  etag: `"${etag}"`,
  "last-modified": new Date(modifiedAt).toUTCString(),
  "accept-ranges": "bytes",
});
