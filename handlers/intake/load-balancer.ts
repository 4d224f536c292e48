import { Schema } from "effect";

/** What an Application Load Balancer calls a Lambda with, and takes from it (Elastic Load Balancing guide, "Lambda functions as targets"). */

const Text = Schema.Record(Schema.String, Schema.String);

export const HttpRequest = Schema.Struct({
  requestContext: Schema.Struct({ elb: Schema.Struct({ targetGroupArn: Schema.String }) }),
  httpMethod: Schema.String,
  path: Schema.String,
  /** As they stand in the URL, still percent-encoded; of a repeated one the last. */
  queryStringParameters: Schema.optionalKey(Text),
  /** By lower-case name. */
  headers: Schema.optionalKey(Text),
  body: Schema.String,
  isBase64Encoded: Schema.Boolean,
});
export type HttpRequest = typeof HttpRequest.Type;

export const HttpResponse = Schema.Struct({
  statusCode: Schema.Int,
  statusDescription: Schema.String,
  headers: Text,
  body: Schema.String,
  isBase64Encoded: Schema.Boolean,
});
export type HttpResponse = typeof HttpResponse.Type;

/** Most bytes of an answer as JSON: 1 MB, less what its other fields and headers take. */
export const MAX_BODY_JSON_BYTES = 1_000_000 - 8_192;

export const headerOf = ({ headers }: HttpRequest, name: string): string | undefined => headers?.[name];

export const bodyOf = ({ body, isBase64Encoded }: HttpRequest): Buffer =>
  Buffer.from(body, isBase64Encoded ? "base64" : "utf8");

/** Decoded as HTML forms are: `+` is a space. */
export const queryOf = ({ queryStringParameters = {} }: HttpRequest): Record<string, string> =>
  Object.fromEntries(
    new URLSearchParams(
      Object.entries(queryStringParameters)
        .map(([name, value]) => `${name}=${value}`)
        .join("&"),
    ),
  );
