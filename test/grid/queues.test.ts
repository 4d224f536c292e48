import { CreateQueueCommand, ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { Effect } from "effect";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BATCH_BYTES, BATCH_MESSAGES, batchesOf } from "#grid/message-batches.ts";
import { makeQueues } from "#grid/queues.ts";
import { type Parts, startParts } from "../handlers/parts.ts";

let parts: Parts;

beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.close());

describe("batches of messages", () => {
  it("hold every message once, in order, ten at most and a mebibyte at most", () => {
    const body = fc.oneof(
      fc.string({ maxLength: 50 }),
      fc.integer({ min: 1, max: BATCH_BYTES }).map((size) => "x".repeat(size)),
    );
    fc.assert(
      fc.property(fc.array(body, { maxLength: 40 }), (bodies) => {
        const batches = batchesOf(bodies.map((text) => ({ body: text })));
        expect(batches.flat().map((message) => message.body)).toEqual(bodies);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(BATCH_MESSAGES);
          expect(batch.reduce((sum, message) => sum + Buffer.byteLength(message.body), 0)).toBeLessThanOrEqual(
            BATCH_BYTES,
          );
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("queues", () => {
  it("take many messages, large ones too, each once", async () => {
    await parts.sqs.send(new CreateQueueCommand({ QueueName: "many" }));
    const bodies = Array.from({ length: 57 }, (_, n) => `${n} ${"x".repeat(n % 9 === 0 ? 300_000 : 10)}`);
    const queues = makeQueues(parts.sqs);
    await Effect.runPromise(
      queues.sendAll(
        "many",
        bodies.map((body) => ({ body })),
      ),
    );
    const received = new Set<string>();
    const QueueUrl = await Effect.runPromise(queues.url("many"));
    for (;;) {
      const { Messages = [] } = await parts.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) break;
      for (const { Body } of Messages) received.add(Body!);
    }
    expect(received).toEqual(new Set(bodies));
  });

  it("send again what SQS did not take of a batch, and nothing else", async () => {
    const sqs = mockClient(SQSClient);
    sqs
      .onAnyCommand()
      .resolves({ QueueUrl: "http://127.0.0.1/q" })
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Failed: [{ Id: "1", SenderFault: false, Code: "InternalError" }] })
      .resolves({});
    await Effect.runPromise(makeQueues(new SQSClient()).sendAll("q", [{ body: "a" }, { body: "b", delaySeconds: 3 }]));
    const sent = sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input.Entries);
    expect(sent).toEqual([
      [
        { Id: "0", MessageBody: "a" },
        { Id: "1", MessageBody: "b", DelaySeconds: 3 },
      ],
      [{ Id: "0", MessageBody: "b", DelaySeconds: 3 }],
    ]);
    sqs.restore();
  });

  it("say which queue did not take a message, and why", async () => {
    const sqs = mockClient(SQSClient);
    sqs
      .onAnyCommand()
      .resolves({ QueueUrl: "http://127.0.0.1/q" })
      .on(SendMessageBatchCommand)
      .resolves({ Failed: [{ Id: "0", SenderFault: true, Code: "InvalidMessageContents", Message: "no" }] });
    await expect(Effect.runPromise(makeQueues(new SQSClient()).sendAll("q", [{ body: "a" }]))).rejects.toMatchObject({
      name: "AwsError",
      code: "InvalidMessageContents",
      message: expect.stringContaining("1 of 1 messages were not taken by http://127.0.0.1/q: no"),
    });
    sqs.restore();
  });
});
