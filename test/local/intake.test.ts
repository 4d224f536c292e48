import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Invocation } from "#local/functions/invocation.ts";
import { type Gateway, startGateway } from "#local/gateway.ts";
import { intakeEndpoint } from "#local/intake.ts";

interface Event {
  readonly httpMethod: string;
  readonly path: string;
  readonly queryStringParameters: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

let gateway: Gateway;
let events: Event[];
let answer: Invocation;
const answers = (value: object): Invocation => ({ ok: true, payload: JSON.stringify(value) });

beforeEach(async () => {
  events = [];
  answer = answers({ statusCode: 200, headers: { "content-type": "application/json" }, body: "{}" });
  gateway = await startGateway({ port: 0 });
  const invoke = async (payload: string) => {
    events.push(JSON.parse(payload));
    return answer;
  };
  gateway.mount("/api", intakeEndpoint({ prefix: "/api", invoke }));
});
afterEach(() => gateway.close());

const ask = (path: string, init?: RequestInit) => fetch(`${gateway.origin}/api${path}`, init);

describe("a request", () => {
  it("reaches the function as a load balancer's event, its path without the prefix", async () => {
    await ask("/jobs", {
      method: "POST",
      headers: { "Content-Type": "application/json; charset=utf-8", "Idempotency-Key": "k" },
      body: '{"a":"ä"}',
    });
    expect(events).toMatchObject([
      {
        requestContext: { elb: { targetGroupArn: expect.stringContaining(":targetgroup/") } },
        httpMethod: "POST",
        path: "/jobs",
        queryStringParameters: {},
        headers: { "idempotency-key": "k", "x-forwarded-proto": "http", "x-forwarded-for": "127.0.0.1" },
        body: '{"a":"ä"}',
        isBase64Encoded: false,
      },
    ]);
  });

  it("has its query parameters as they stand in the URL, the last of repeated ones", async () => {
    await ask("/jobs/x/results?from=%31&limit=2&limit=3&failed");
    expect(events[0]!.queryStringParameters).toEqual({ from: "%31", limit: "3", failed: "" });
  });

  it("that is no text has its body in Base64", async () => {
    await ask("/jobs", {
      method: "POST",
      headers: { "content-type": "application/cbor" },
      body: new Uint8Array([255]),
    });
    expect(events[0]).toMatchObject({ body: "/w==", isBase64Encoded: true });
  });

  it("for the prefix alone is one for the root", async () => {
    await ask("");
    expect(events[0]!.path).toBe("/");
  });

  it("of more than 1 MB, or for another host, never reaches the function", async () => {
    expect((await ask("/jobs", { method: "POST", body: "x".repeat(1024 * 1024 + 1) })).status).toBe(413);
    const status = await new Promise((resolve, reject) => {
      request(`${gateway.origin}/api/jobs`, { headers: { host: "evil.example.com" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(status).toBe(404);
    expect(events).toEqual([]);
  });
});

describe("an answer", () => {
  it("is the function's: status, headers, body, in Base64 or not", async () => {
    answer = answers({ statusCode: 202, headers: { location: "jobs/x", "content-type": "text/plain" }, body: "ä" });
    const response = await ask("/jobs");
    expect([response.status, response.headers.get("location"), await response.text()]).toEqual([202, "jobs/x", "ä"]);
    answer = answers({ statusCode: 200, body: Buffer.from("coded").toString("base64"), isBase64Encoded: true });
    expect(await (await ask("/jobs")).text()).toBe("coded");
  });

  it("of a function that failed, or answered with more than 1 MB, is 502", async () => {
    answer = { ok: false, errorType: "Sandbox.Timedout", errorMessage: "after 29 s" };
    const failed = await ask("/jobs");
    expect([failed.status, await failed.text()]).toEqual([502, "Sandbox.Timedout: after 29 s\n"]);
    answer = answers({ statusCode: 200, body: "x".repeat(1024 * 1024) });
    expect((await ask("/jobs")).status).toBe(502);
  });
});
