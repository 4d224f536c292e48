import type { IncomingMessage, ServerResponse } from "node:http";
import { escapeXml } from "../xml.ts";

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
  response.statusCode = status;
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
