import type { HttpResponse } from "#handlers/intake/load-balancer.ts";
import { handler } from "#handlers/intake.ts";
import { context } from "./job.ts";

export interface Sent {
  readonly token?: string | undefined;
  /** Sent as JSON, unless it is a string. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The body's lines as JSON. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** The event of a load balancer for a request, `GET /jobs/x?from=1`. */
export function eventOf(line: string, { token, body, headers = {} }: Sent = {}): object {
  const [method, target] = line.split(" ");
  const [path, query = ""] = target!.split("?");
  return {
    requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/x/1" } },
    httpMethod: method,
    path,
    queryStringParameters: Object.fromEntries(
      query
        .split("&")
        .filter((parameter) => parameter !== "")
        .map((parameter) => parameter.split("=") as [string, string]),
    ),
    headers: {
      host: "grid.example.com",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
}

/** Sends a request to the intake's handler. */
export async function send(line: string, sent: Sent = {}): Promise<Got> {
  const response = (await handler(eventOf(line, sent), context)) as HttpResponse;
  const { statusCode, headers, body } = response;
  return {
    status: statusCode,
    headers,
    text: body,
    get body() {
      return JSON.parse(body);
    },
    get rows() {
      return body
        .split("\n")
        .filter((row) => row !== "")
        .map((row) => JSON.parse(row));
    },
  };
}
