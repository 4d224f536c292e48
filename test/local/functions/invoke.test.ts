import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { codeFolder, definitionOf, functionsForTest } from "./fixture.ts";

const json = (invocation: { ok: boolean; payload?: string }): unknown => JSON.parse(invocation.payload ?? "undefined");

describe("a function in threads", () => {
  test("answers with the handler's result as JSON text", async () => {
    const { functions } = functionsForTest();
    functions.deploy(
      definitionOf("export const handler = async (event) => ({ doubled: event.n * 2, gone: undefined })"),
    );
    expect(await functions.invoke("subject", '{"n":21}')).toEqual({ ok: true, payload: '{"doubled":42}' });
  });

  test("answers null when the handler returns nothing", async () => {
    const { functions } = functionsForTest();
    functions.deploy(definitionOf("export const handler = () => {}"));
    expect(await functions.invoke("subject", "{}")).toEqual({ ok: true, payload: "null" });
  });

  test("is found by its name, its ARN and its ARN with $LATEST", async () => {
    const { functions } = functionsForTest();
    const arn = functions.deploy(definitionOf("export const handler = () => 1"));
    expect(arn).toBe("arn:aws:lambda:us-east-1:000000000000:function:subject");
    for (const name of ["subject", arn, `${arn}:$LATEST`, "000000000000:function:subject"]) {
      expect(await functions.invoke(name, "{}")).toEqual({ ok: true, payload: "1" });
    }
    await expect(functions.invoke(`${arn}:3`, "{}")).rejects.toThrow(/versions and aliases .* ":3"/);
  });

  test("sees its own variables, the host's and those Lambda sets, and none of this process", async () => {
    vi.stubEnv("OF_THIS_PROCESS", "leaked");
    const { functions } = functionsForTest("http://127.0.0.1:9");
    functions.deploy(
      definitionOf("export const handler = () => process.env", { environment: { TABLE: "t", AWS_REGION: "mars" } }),
    );
    const seen = json(await functions.invoke("subject", "{}"));
    expect(seen).toMatchObject({
      TABLE: "t",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      AWS_ACCESS_KEY_ID: "local",
      AWS_REGION: "us-east-1",
      AWS_LAMBDA_FUNCTION_NAME: "subject",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/subject",
      _HANDLER: "index.handler",
    });
    expect(seen).not.toHaveProperty("OF_THIS_PROCESS");
    vi.unstubAllEnvs();
  });

  test("gets a context with its names, its memory and the time it has left", async () => {
    const { functions } = functionsForTest();
    functions.deploy(
      definitionOf(
        "export const handler = (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() })",
      ),
    );
    const context = json(await functions.invoke("subject", "{}")) as Record<string, unknown>;
    expect(context).toMatchObject({
      functionName: "subject",
      memoryLimitInMB: "128",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:subject",
      logGroupName: "/aws/lambda/subject",
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(context["left"]).toBeGreaterThan(9_000);
    expect(context["left"]).toBeLessThanOrEqual(10_000);
  });

  test("keeps its module state between events, as a warm environment does", async () => {
    const { functions } = functionsForTest();
    functions.deploy(definitionOf("let count = 0; export const handler = () => ++count"));
    await functions.invoke("subject", "{}");
    expect(await functions.invoke("subject", "{}")).toEqual({ ok: true, payload: "2" });
  });

  test("ends a thread that had nothing to do for a minute", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { functions } = functionsForTest();
    functions.deploy(definitionOf("let count = 0; export const handler = () => ++count"));
    await functions.invoke("subject", "{}");
    vi.advanceTimersByTime(59_000);
    expect(await functions.invoke("subject", "{}")).toEqual({ ok: true, payload: "2" });
    vi.advanceTimersByTime(60_000);
    expect(await functions.invoke("subject", "{}")).toEqual({ ok: true, payload: "1" });
  });

  test("runs events side by side up to its reserved concurrency, each alone on its thread, and lets the rest wait", async () => {
    const { functions } = functionsForTest();
    const handler = `
      import { threadId } from "node:worker_threads";
      import { setTimeout as delay } from "node:timers/promises";
      let now = 0;
      export const handler = async () => { now += 1; await delay(20); const atOnce = now; now -= 1; return { threadId, atOnce }; }`;
    functions.deploy(definitionOf(handler, { reservedConcurrency: 2 }));
    const answers = await Promise.all(Array.from({ length: 7 }, () => functions.invoke("subject", "{}")));
    const seen = answers.map((answer) => json(answer) as { threadId: number; atOnce: number });
    expect(new Set(seen.map(({ threadId }) => threadId)).size).toBe(2);
    expect(seen.every(({ atOnce }) => atOnce === 1)).toBe(true);
  });

  test("loads CommonJS from index.js even when a package.json further up says module", async () => {
    const { functions } = functionsForTest();
    const code = codeFolder({
      "index.js": 'const { helper } = require("./helper.cjs"); exports.handler = async () => helper(__filename)',
      "helper.cjs": 'exports.helper = (name) => name.endsWith("index.js")',
    });
    functions.deploy(definitionOf("", { code }));
    expect(await functions.invoke("subject", "{}")).toEqual({ ok: true, payload: "true" });
  });

  test("writes what it prints to its log file", async () => {
    const { functions, folder } = functionsForTest();
    functions.deploy(definitionOf("export const handler = () => console.log(JSON.stringify({ message: 'hello' }))"));
    await functions.invoke("subject", "{}");
    await vi.waitFor(() => expect(readFileSync(join(folder, "subject.log"), "utf8")).toBe('{"message":"hello"}\n'));
  });
});

describe("a failing function", () => {
  test("reports the name, the message and the trace of what the handler threw, and logs them with the request", async () => {
    const { functions, folder } = functionsForTest();
    functions.deploy(
      definitionOf(
        "export const handler = () => { const e = new Error('no such job'); e.name = 'Grid.NoSuchJob'; throw e; }",
      ),
    );
    const invocation = await functions.invoke("subject", "{}");
    expect(invocation).toMatchObject({ ok: false, errorType: "Grid.NoSuchJob", errorMessage: "no such job" });
    expect(!invocation.ok && invocation.trace?.join("\n")).toContain("index.mjs:1");
    await vi.waitFor(() => {
      const line = JSON.parse(readFileSync(join(folder, "subject.log"), "utf8"));
      expect(line).toMatchObject({ level: "ERROR", message: { errorType: "Grid.NoSuchJob" } });
    });
  });

  test("is reported as Sandbox.Timedout when it runs too long, even if it blocks its thread, and works again after", async () => {
    const { functions } = functionsForTest();
    functions.deploy(
      definitionOf("export const handler = (event) => { while (event.block) {} return 'fine' }", { timeoutSeconds: 1 }),
    );
    expect(await functions.invoke("subject", '{"block":true}')).toMatchObject({
      ok: false,
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds$/),
    });
    expect(await functions.invoke("subject", "{}")).toEqual({ ok: true, payload: '"fine"' });
  });

  test.each([
    ["ends its process", "export const handler = () => process.exit(3)", "Runtime.ExitError", /exit status 3$/],
    ["imports what is not there", "import 'nowhere-to-be-found'", "Runtime.ImportModuleError", /nowhere-to-be-found/],
    ["has no such export", "export const other = 1", "Runtime.HandlerNotFound", /index.handler is undefined/],
    ["does not parse", "export const handler = (", "Runtime.UserCodeSyntaxError", /SyntaxError/],
    ["throws while it loads", "throw new TypeError('no table')", "TypeError", /^no table$/],
    ["throws what is no error", "export const handler = () => { throw 'text' }", "string", /^text$/],
    ["answers what is no JSON", "export const handler = () => 1n", "Runtime.JSONStringifyError", /Unable to stringify/],
    [
      "takes a callback",
      "export const handler = (event, context, callback) => callback(null, 1)",
      "Runtime.CallbackHandlerDeprecated",
      /callback/,
    ],
    [
      "throws where nobody catches",
      "export const handler = () => new Promise(() => setTimeout(() => { throw new RangeError('late') }))",
      "RangeError",
      /^late$/,
    ],
    [
      "leaves a rejection alone",
      "export const handler = () => { Promise.reject(new Error('lost')); return new Promise(() => {}) }",
      "Runtime.UnhandledPromiseRejection",
      /lost/,
    ],
    [
      "answers more than 6 MB",
      "export const handler = () => 'x'.repeat(7e6)",
      "Function.ResponseSizeTooLarge",
      /6291556 bytes/,
    ],
    [
      "uses more memory than it has",
      "export const handler = () => { const all = []; for (;;) all.push(new Array(1e5).fill({ a: 1 })) }",
      "Runtime.ExitError",
      /signal: killed$/,
    ],
  ])("that %s is told by name", async (_what, source, errorType, errorMessage) => {
    const { functions } = functionsForTest();
    functions.deploy(definitionOf(source));
    const invocation = await functions.invoke("subject", "{}");
    expect(invocation).toMatchObject({ ok: false, errorType, errorMessage: expect.stringMatching(errorMessage) });
  });
});

describe("an asynchronous event", () => {
  test("is run again twice when it fails", async () => {
    const { functions, warnings, folder } = functionsForTest();
    functions.deploy(definitionOf("export const handler = () => { console.log('tried'); throw new Error('never') }"));
    await functions.invokeEvent("subject", "{}");
    await vi.waitFor(() => expect(warnings).toHaveLength(1), { timeout: 10_000 });
    expect(warnings[0]).toMatch(/subject: gave an event up after 3 tries: Error: never/);
    expect(readFileSync(join(folder, "subject.log"), "utf8").match(/^tried$/gm)).toHaveLength(3);
  });

  test("for a function that is not there is refused at once", async () => {
    const { functions } = functionsForTest();
    await expect(functions.invokeEvent("nobody", "{}")).rejects.toMatchObject({ code: "ResourceNotFoundException" });
  });
});

describe("deploying and closing", () => {
  test.each([
    [{ name: "a b" }, /the name must be .* came a b/],
    [{ handler: "handler" }, /the handler must be file.export, came handler/],
    [{ timeoutSeconds: 901 }, /the timeout must be 1 to 900 .* came 901/],
    [{ memoryMegabytes: 64 }, /the memory must be 128 to 10240 .* came 64/],
    [{ reservedConcurrency: 0 }, /reserved concurrency must be at least 1/],
    [{ code: "/nowhere" }, /its code must be a folder, \/nowhere is none/],
  ])("refuses %o", (over, message) => {
    const { functions } = functionsForTest();
    expect(() => functions.deploy(definitionOf("", over))).toThrow(message);
  });

  test("refuses a name that is taken", () => {
    const { functions } = functionsForTest();
    functions.deploy(definitionOf(""));
    expect(() => functions.deploy(definitionOf(""))).toThrow("Function already exist: subject");
  });

  test("ends running and waiting events at once when it is closed", async () => {
    const { functions } = functionsForTest();
    functions.deploy(definitionOf("export const handler = () => new Promise(() => {})", { reservedConcurrency: 1 }));
    const running = functions.invoke("subject", "{}");
    const waiting = functions.invoke("subject", "{}");
    const ends = [expect(running).rejects.toThrow("was stopped"), expect(waiting).rejects.toThrow("was stopped")];
    await functions.close();
    await Promise.all(ends);
    await expect(functions.invoke("subject", "{}")).rejects.toThrow("closed");
  });
});
