import type { IncomingMessage, ServerResponse } from "node:http";

/** An error answer before any service has seen the request. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
}

/** Answers with an error in the form the caller's protocol reads: AWS JSON, the query protocol, or plain S3 XML. */
export const refuse = (request: IncomingMessage, response: ServerResponse, refusal: Refusal): void => {
  const { status, code, message } = refusal;
  const type = request.headers["content-type"] ?? "";
  // The body is not read: the connection ends with this answer, so that no client waits to send the rest of it.
  response.statusCode = status;
  response.setHeader("connection", "close");
  if (request.headers["x-amz-target"] !== undefined || type.includes("json")) {
    response.setHeader("content-type", "application/json");
    response.setHeader("x-amzn-errortype", code);
    response.end(JSON.stringify({ __type: code, message }));
    return;
  }
  const error = `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
  response.setHeader("content-type", "application/xml");
  response.end(type.includes("x-www-form-urlencoded") ? `<ErrorResponse>${error}</ErrorResponse>` : error);
};

/** Text made safe to stand in an XML element. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
