import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { AwsFault, jsonEndpoint, onlyFields } from "#local/aws-json.ts";
import { type Gateway, startGateway } from "#local/gateway.ts";

const signedFor = (scope: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKID/20260801/us-east-1/${scope}/aws4_request, SignedHeaders=host, Signature=00`,
});

const open: Gateway[] = [];
const gateway = async (port = 0): Promise<Gateway> => {
  const started = await startGateway({ port });
  open.push(started);
  return started;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const echo = (text: string) => ({
  handle: (_: unknown, response: { end(text: string): unknown }) => void response.end(text),
});

describe("the gateway", () => {
  it("routes by the credential scope of the Authorization header, and of a presigned URL", async () => {
    const { origin, route } = await gateway();
    route("s3", echo("objects"));
    route("sqs", echo("queues"));
    expect(await (await fetch(origin, { headers: signedFor("sqs") })).text()).toBe("queues");
    const presigned = `${origin}/bucket/key?X-Amz-Credential=${encodeURIComponent("AKID/20260801/us-east-1/s3/aws4_request")}`;
    expect(await (await fetch(presigned)).text()).toBe("objects");
  });

  it("routes an unsigned request by its X-Amz-Target", async () => {
    const { origin, route } = await gateway();
    route("states", echo("machines"));
    const headers = { "x-amz-target": "AWSStepFunctions.ListStateMachines" };
    expect(await (await fetch(origin, { method: "POST", headers })).text()).toBe("machines");
  });

  it("looks at mounted paths before the scope, and takes only whole path segments", async () => {
    const { origin, route, mount } = await gateway();
    route("s3", echo("objects"));
    mount("/kubernetes", echo("pods"));
    const ask = async (path: string) => (await fetch(origin + path, { headers: signedFor("s3") })).text();
    expect(await ask("/kubernetes/apis?watch=1")).toBe("pods");
    expect(await ask("/kubernetes-logs/key")).toBe("objects");
  });

  it("refuses a request that names no service, and one for a service that is not there, by name", async () => {
    const { origin, route } = await gateway();
    route("sqs", echo("queues"));
    const unsigned = await fetch(`${origin}/somewhere`);
    expect([unsigned.status, await unsigned.text()]).toEqual([
      403,
      expect.stringContaining("/somewhere is signed for no AWS service"),
    ]);
    const unknown = await fetch(origin, { headers: signedFor("sns") });
    expect([unknown.status, await unknown.text()]).toEqual([
      404,
      expect.stringContaining("the service sns is not served here; served are: sqs"),
    ]);
  });

  it("counts requests by service and action", async () => {
    const { origin, route, mount, calls } = await gateway();
    for (const scope of ["sqs", "lambda"]) route(scope, echo(""));
    mount("/kubernetes", echo(""));
    const post = (path: string, scope: string, target?: string) =>
      fetch(origin + path, {
        method: "POST",
        headers: { ...signedFor(scope), ...(target && { "x-amz-target": target }) },
      });
    await post("/", "sqs", "AmazonSQS.SendMessage");
    await post("/", "sqs", "AmazonSQS.SendMessage");
    await post("/2015-03-31/functions/accept/invocations", "lambda");
    await fetch(`${origin}/kubernetes/version`);
    expect(calls()).toEqual({ sqs: { SendMessage: 2 }, lambda: { Invoke: 1 }, kubernetes: { GET: 1 } });
  });

  it("gives every answer a request id of its own", async () => {
    const { origin, route } = await gateway();
    route("sqs", echo(""));
    const ask = async () => (await fetch(origin, { headers: signedFor("sqs") })).headers.get("x-amzn-requestid");
    expect(await ask()).toMatch(/^[0-9a-f-]{36}$/);
    expect(await ask()).not.toBe(await ask());
  });

  it("answers 500 with the reason when a service fails", async () => {
    const { origin, route } = await gateway();
    route("sqs", { handle: () => Promise.reject(new Error("the disk is full")) });
    const answer = await fetch(origin, { headers: signedFor("sqs") });
    expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining("the disk is full")]);
  });

  it("says which port is in use and what to do", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(startGateway({ port })).rejects.toThrow(
      `port ${port} is in use: stop what listens there, or use --port 0 for a free one`,
    );
    await new Promise((resolve) => taken.close(resolve));
  });

  it("ends connections that are kept alive, or wait for an answer, when it closes", async () => {
    const { port, route, close } = await startGateway({ port: 0 });
    const asked = new Promise<void>((resolve) => route("sqs", { handle: () => resolve() }));
    const socket = connect(port, "127.0.0.1");
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.write(`GET / HTTP/1.1\r\nhost: x\r\nauthorization: ${signedFor("sqs").authorization}\r\n\r\n`);
    await asked;
    await close();
    await ended;
  });
});

describe("a JSON service", () => {
  const start = async () => {
    const started = await gateway();
    const actions = {
      Add: ({ a, b, ...rest }: Record<string, unknown>) => {
        onlyFields("Sums", "Add", rest, []);
        return { sum: Number(a) + Number(b) };
      },
      Nothing: () => undefined,
      Refuse: () => {
        throw new AwsFault("TooManySums", "no more", { status: 429, extra: { Limit: 3 } });
      },
      Break: () => {
        throw new TypeError("a bug");
      },
    };
    started.route("sums", jsonEndpoint({ service: "Sums", targetPrefix: "Sums_1", version: "1.1", actions }));
    return async (target: string, body: string) => {
      const headers = { ...signedFor("sums"), "x-amz-target": target };
      const answer = await fetch(started.origin, { method: "POST", headers, body });
      return {
        status: answer.status,
        type: answer.headers.get("content-type"),
        body: (await answer.json()) as Record<string, unknown>,
      };
    };
  };

  it("runs the action X-Amz-Target names", async () => {
    const call = await start();
    const type = "application/x-amz-json-1.1";
    expect(await call("Sums_1.Add", '{"a":1,"b":2}')).toEqual({ status: 200, type, body: { sum: 3 } });
    expect((await call("Sums_1.Nothing", "")).body).toEqual({});
  });

  it("refuses an action it does not have by name and lists those it has", async () => {
    const call = await start();
    const { status, body } = await call("Sums_1.Divide", "{}");
    expect([status, body]).toEqual([
      400,
      {
        __type: "UnknownOperationException",
        message: "Sums: the action Divide is not implemented locally; implemented are: Add, Break, Nothing, Refuse",
      },
    ]);
    expect((await call("Other_1.Add", "{}")).body["__type"]).toBe("UnknownOperationException");
    expect((await call("Sums_1.constructor", "{}")).body["__type"]).toBe("UnknownOperationException");
  });

  it("answers an error with its code, status and members", async () => {
    const call = await start();
    expect(await call("Sums_1.Refuse", "{}")).toMatchObject({
      status: 429,
      body: { __type: "TooManySums", message: "no more", Limit: 3 },
    });
    expect(await call("Sums_1.Break", "{}")).toMatchObject({
      status: 500,
      body: { __type: "InternalServerError", message: "Sums: a bug" },
    });
  });

  it("names fields it does not know", async () => {
    const call = await start();
    const { body } = await call("Sums_1.Add", '{"a":1,"c":2,"d":3}');
    expect(body).toMatchObject({ __type: "ValidationException", message: expect.stringContaining("c, d") });
  });

  it.each(["[1]", "null", "{", "7"])("refuses the body %s, which is no object", async (text) => {
    const call = await start();
    expect((await call("Sums_1.Add", text)).body["__type"]).toBe("SerializationException");
  });

  it("refuses a body over 16 MiB", async () => {
    const call = await start();
    expect(await call("Sums_1.Add", " ".repeat(16 * 1024 * 1024 + 1))).toMatchObject({
      status: 413,
      body: { __type: "RequestEntityTooLarge" },
    });
  });
});
