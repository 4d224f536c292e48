import {
  ChangeMessageVisibilityBatchCommand,
  CreateQueueCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { jsonLogger } from "#containers/log.ts";
import { Deletions } from "#containers/worker/deletions.ts";
import { Holdings, type HoldTimes } from "#containers/worker/holdings.ts";
import { type Received, TaskQueues } from "#containers/worker/task-queues.ts";
import { makeQueues } from "#grid/queues.ts";
import { type Gateway, startGateway } from "#local/gateway.ts";
import { openQueues, type Queues } from "#local/queues.ts";

/** Much shorter than a worker's, in the same proportions. */
const TIMES: HoldTimes = { visibilitySeconds: 1, beatMs: 200, longestMs: 60_000 };

let gateway: Gateway;
let queues: Queues;
let sqs: SQSClient;
let taskQueues: TaskQueues;
let queueUrl: string;
let lines: string[];
const log = jsonLogger((line) => lines.push(line));
const closing: Holdings[] = [];

beforeEach(async () => {
  lines = [];
  gateway = await startGateway({ port: 0 });
  queues = openQueues({ gateway });
  sqs = new SQSClient({ endpoint: gateway.origin, region: "us-east-1" });
  taskQueues = new TaskQueues(sqs, makeQueues(sqs), "grid", "general");
  const QueueName = taskQueues.nameOf("normal");
  const created = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "1" } }));
  queueUrl = created.QueueUrl!;
});
afterEach(async () => {
  for (const holdings of closing.splice(0)) holdings.close();
  sqs.destroy();
  queues.close();
  await gateway.close();
});

async function received(count: number): Promise<Received[]> {
  for (let n = 0; n < count; n++) await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: `${n}` }));
  const messages: Received[] = [];
  while (messages.length < count) {
    messages.push(...(await taskQueues.receive("normal", 10, 0, new AbortController().signal)));
  }
  return messages;
}

function holdings(onAged: (message: Received) => void = () => undefined, times = TIMES): Holdings {
  const made = new Holdings(taskQueues, log, onAged, times);
  closing.push(made);
  return made;
}

const beats = () => gateway.calls()["sqs"]?.["ChangeMessageVisibilityBatch"] ?? 0;

describe("held messages", () => {
  it("are seen by nobody for as long as they are held, however many, and seen soon after they are released", async () => {
    const messages = await received(23);
    const held = holdings();
    for (const message of messages) held.hold(message);
    // Three calls a beat; eleven beats are twice the queue's own timeout.
    await vi.waitFor(() => expect(beats()).toBeGreaterThanOrEqual(33), { timeout: 10_000 });
    expect(queues.depth(queueUrl)).toEqual({ visible: 0, inFlight: 23, delayed: 0 });
    for (const message of messages) held.release(message);
    await vi.waitFor(() => expect(queues.depth(queueUrl).visible).toBe(23), { timeout: 5000 });
  });

  it("are told of when they cannot be held for much longer", async () => {
    const [message] = await received(1);
    const aged: Received[] = [];
    holdings((each) => aged.push(each), { ...TIMES, longestMs: 0 }).hold(message!);
    await vi.waitFor(() => expect(aged[0]).toBe(message));
  });

  it("that SQS does not extend are named in the log", async () => {
    const [message] = await received(1);
    await sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: queueUrl,
        Entries: [{ Id: "0", ReceiptHandle: message!.receipt, VisibilityTimeout: 0 }],
      }),
    );
    await taskQueues.delete(await taskQueues.receive("normal", 10, 1, new AbortController().signal));
    holdings().hold(message!);
    await vi.waitFor(() => expect(lines.join("")).toContain(`${message!.id}: `));
    expect(lines.join("")).toContain("others may run them too");
  });

  it("are deleted ten at a time", async () => {
    const messages = await received(25);
    const held = holdings();
    const deletions = new Deletions(taskQueues, held, { giveUp: new AbortController().signal, log });
    for (const message of messages) {
      held.hold(message);
      deletions.add(message);
    }
    await deletions.settled();
    expect(queues.depth(queueUrl)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(gateway.calls()["sqs"]?.["DeleteMessageBatch"]).toBe(3);
  });
});
