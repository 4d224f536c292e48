import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { definitionOf } from "./fixture.ts";
import { functionsWithQueue } from "./queue-fixture.ts";

/** A handler that logs the bodies of its batch, one line a batch, and then does `then`. */
const logging = (then = ""): string =>
  `export const handler = async (event) => { console.log(JSON.stringify(event.Records.map((r) => r.body))); ${then} }`;

/** The batches that a logging handler has had so far. */
const batches = (folder: string): string[][] => {
  const path = join(folder, "subject.log");
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  return lines.filter((line) => line.startsWith("[")).map((line) => JSON.parse(line));
};

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));

describe("an event source mapping without a window", () => {
  test("hands each message to the function once and deletes it", async () => {
    const { functions, folder, send, depth, mapping } = await functionsWithQueue();
    functions.deploy(definitionOf(logging()));
    await functions.mapEventSource(mapping());
    await send(numbers(95));
    await vi.waitFor(async () => expect(await depth()).toEqual([0, 0]), { timeout: 10_000 });
    await vi.waitFor(() => expect(batches(folder).flat()).toHaveLength(95));
    expect(new Set(batches(folder).flat())).toEqual(new Set(numbers(95)));
    expect(Math.max(...batches(folder).map((batch) => batch.length))).toBeLessThanOrEqual(10);
  });

  test("gives records as Lambda does", async () => {
    const { functions, folder, send, mapping, queueArn } = await functionsWithQueue();
    functions.deploy(definitionOf("export const handler = (event) => console.log(JSON.stringify(event))"));
    await functions.mapEventSource(mapping());
    const attributes = {
      colour: { DataType: "String", StringValue: "red" },
      bytes: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2]) },
    };
    await send([{ MessageBody: "hello", MessageAttributes: attributes, MessageGroupId: "job-1" }]);
    const event = await vi.waitFor(() => JSON.parse(readFileSync(join(folder, "subject.log"), "utf8")));
    expect(event).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.stringMatching(/./),
          body: "hello",
          attributes: expect.objectContaining({
            ApproximateReceiveCount: "1",
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: expect.any(String),
            MessageGroupId: "job-1",
          }),
          messageAttributes: {
            colour: { dataType: "String", stringValue: "red", stringListValues: [], binaryListValues: [] },
            bytes: { dataType: "Binary", binaryValue: "AQI=", stringListValues: [], binaryListValues: [] },
          },
          md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
          md5OfBody: "5d41402abc4b2a76b9719d911017c592",
          eventSource: "aws:sqs",
          eventSourceARN: queueArn,
          awsRegion: "us-east-1",
        },
      ],
    });
  });

  test("deletes nothing of a batch whose handler throws", async () => {
    const { functions, folder, send, depth, mapping } = await functionsWithQueue();
    functions.deploy(definitionOf(logging("throw new Error('no')")));
    await functions.mapEventSource(mapping());
    await send(numbers(3));
    await vi.waitFor(() => expect(batches(folder).flat()).toHaveLength(3));
    expect(await depth()).toEqual([0, 3]);
  });

  test("runs as many batches side by side as the function has threads, and receives no more", async () => {
    const { functions, folder, send, depth, mapping } = await functionsWithQueue();
    functions.deploy(definitionOf(logging("await new Promise(() => {})"), { reservedConcurrency: 3 }));
    await functions.mapEventSource(mapping());
    await send(numbers(100));
    await vi.waitFor(() => expect(batches(folder)).toHaveLength(3));
    const [ready, inFlight] = await depth();
    // Three batches run; the long poll that was under way when the third began may hold one more.
    expect(inFlight).toBeLessThanOrEqual(40);
    expect(ready + inFlight).toBe(100);
  });

  test("keeps to MaximumConcurrency", async () => {
    const { functions, folder, send, mapping } = await functionsWithQueue();
    functions.deploy(definitionOf(logging("await new Promise((r) => setTimeout(r, 20)); console.log('{}')")));
    await functions.mapEventSource(mapping({ batchSize: 1, maximumConcurrency: 2 }));
    await send(numbers(12));
    await vi.waitFor(() => expect(batches(folder).flat()).toHaveLength(12), { timeout: 10_000 });
    const path = join(folder, "subject.log");
    await vi.waitFor(() => expect(readFileSync(path, "utf8").match(/^\{\}$/gm)).toHaveLength(12));
    let atOnce = 0;
    for (const line of readFileSync(path, "utf8").trim().split("\n")) {
      atOnce += line === "{}" ? -1 : 1;
      expect(atOnce).toBeLessThanOrEqual(2);
    }
  });
});

describe("an event source mapping with a window", () => {
  test("gathers what comes within the window into one batch", async () => {
    const { functions, folder, send, mapping } = await functionsWithQueue();
    functions.deploy(definitionOf(logging()));
    await functions.mapEventSource(mapping({ batchSize: 1000, windowSeconds: 1 }));
    await send(["first"]);
    await send(numbers(24));
    await vi.waitFor(() => expect(batches(folder).flat()).toHaveLength(25), { timeout: 5_000 });
    expect(batches(folder)).toHaveLength(1);
  });

  test("hands a full batch over before the window ends", async () => {
    const { functions, folder, send, depth, mapping } = await functionsWithQueue();
    functions.deploy(definitionOf(logging()));
    await send(numbers(250));
    const mapped = Date.now();
    await functions.mapEventSource(mapping({ batchSize: 100, windowSeconds: 300 }));
    await vi.waitFor(() => expect(batches(folder)).toHaveLength(2), { timeout: 10_000 });
    expect(Date.now() - mapped).toBeLessThan(10_000);
    expect(batches(folder).map((batch) => batch.length)).toEqual([100, 100]);
    await vi.waitFor(async () => expect(await depth()).toEqual([0, 50]));
  });

  test("closes a batch before it would be larger than an event may be", async () => {
    const { functions, folder, send, depth, mapping } = await functionsWithQueue();
    functions.deploy(
      definitionOf("export const handler = (e) => console.log(JSON.stringify(e.Records.map(() => '')))"),
    );
    const megabyte = "x".repeat(1024 * 1024);
    for (let index = 0; index < 8; index += 1) await send([megabyte]);
    await functions.mapEventSource(mapping({ batchSize: 100, windowSeconds: 1 }));
    await vi.waitFor(async () => expect(await depth()).toEqual([0, 0]), { timeout: 20_000 });
    await vi.waitFor(() => expect(batches(folder).flat()).toHaveLength(8));
    expect(Math.max(...batches(folder).map((batch) => batch.length))).toBe(5);
  });
});

describe("ReportBatchItemFailures", () => {
  const answering = (answer: string): string => logging(`return ${answer}`);
  const failing =
    "{ batchItemFailures: event.Records.filter((r) => r.body === '1').map((r) => ({ itemIdentifier: r.messageId })) }";

  test("deletes all but the messages that are named", async () => {
    const { functions, folder, send, depth, mapping } = await functionsWithQueue();
    functions.deploy(definitionOf(answering(failing)));
    await functions.mapEventSource(mapping({ reportBatchItemFailures: true }));
    await send(numbers(3));
    await vi.waitFor(() => expect(batches(folder).flat()).toHaveLength(3));
    await vi.waitFor(async () => expect(await depth()).toEqual([0, 1]));
  });

  test("is not heeded by a mapping that does not ask for it", async () => {
    const { functions, folder, send, depth, mapping } = await functionsWithQueue();
    functions.deploy(definitionOf(answering(failing)));
    await functions.mapEventSource(mapping());
    await send(numbers(3));
    await vi.waitFor(() => expect(batches(folder).flat()).toHaveLength(3));
    await vi.waitFor(async () => expect(await depth()).toEqual([0, 0]));
  });

  test("with an id that is not of the batch deletes nothing and warns", async () => {
    const { functions, send, depth, mapping, warnings } = await functionsWithQueue();
    functions.deploy(definitionOf(answering("{ batchItemFailures: [{ itemIdentifier: 'x' }] }")));
    await functions.mapEventSource(mapping({ reportBatchItemFailures: true }));
    await send(["a"]);
    await vi.waitFor(() => expect(warnings).toEqual([expect.stringMatching(/whole batch .* "x"/)]));
    expect(await depth()).toEqual([0, 1]);
  });
});

describe("a mapping", () => {
  test("is refused where Lambda refuses it", async () => {
    const { functions, mapping } = await functionsWithQueue();
    functions.deploy(definitionOf(logging()));
    const refusal = (over: object) => expect(functions.mapEventSource(mapping(over))).rejects;
    await refusal({ batchSize: 11 }).toThrow(
      /MaximumBatchingWindowInSeconds must be at least 1 when BatchSize is over 10/,
    );
    await refusal({ batchSize: 10_001, windowSeconds: 1 }).toThrow(/BatchSize must be 1 to 10000, came 10001/);
    await refusal({ windowSeconds: 301 }).toThrow(/0 to 300, came 301/);
    await refusal({ maximumConcurrency: 1 }).toThrow(/MaximumConcurrency must be 2 to 1000, came 1/);
    await refusal({ functionName: "nobody" }).toMatchObject({ code: "ResourceNotFoundException" });
    functions.deploy(definitionOf(logging(), { name: "slow", timeoutSeconds: 31 }));
    await refusal({ functionName: "slow" }).toThrow(/visibility timeout: 30 seconds is less than Function timeout: 31/);
  });

  test("goes on after its queue could not be reached, and warns meanwhile", async () => {
    const { functions, folder, send, mapping, warnings, gateway, queues } = await functionsWithQueue();
    functions.deploy(definitionOf(logging()));
    await functions.mapEventSource(mapping());
    await send(["before"]);
    await vi.waitFor(() => expect(batches(folder)).toEqual([["before"]]));
    // The long poll that waits now is the queue's; its end leads to the first call that fails.
    gateway.route("sqs", { handle: (_request, response) => void response.writeHead(500).end() });
    queues.close();
    await vi.waitFor(() => expect(warnings[0]).toMatch(/work -> subject: cannot receive, trying again in 100 ms/));
    gateway.route("sqs", queues.endpoint);
    await send(["after"]);
    await vi.waitFor(() => expect(batches(folder)).toEqual([["before"], ["after"]]), { timeout: 10_000 });
  });

  test("brings a message to an idle function within milliseconds", async () => {
    const { functions, folder, send, mapping } = await functionsWithQueue();
    functions.deploy(definitionOf("export const handler = (e) => console.log(Date.now() - Number(e.Records[0].body))"));
    await functions.mapEventSource(mapping());
    const delays = (): number[] =>
      existsSync(join(folder, "subject.log"))
        ? readFileSync(join(folder, "subject.log"), "utf8").trim().split("\n").map(Number)
        : [];
    for (let round = 1; round <= 10; round += 1) {
      await send([String(Date.now())]);
      await vi.waitFor(() => expect(delays()).toHaveLength(round), { interval: 5 });
    }
    expect(delays().sort((a, b) => a - b)[5]).toBeLessThan(50);
  });
});
