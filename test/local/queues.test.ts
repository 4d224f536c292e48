import { request } from "node:http";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Gateway, startGateway } from "#local/gateway.ts";
import { openQueues, type Queues } from "#local/queues.ts";

let gateway: Gateway;
let queues: Queues;
let sqs: SQSClient;
let created = 0;

beforeAll(async () => {
  gateway = await startGateway({ port: 0 });
  queues = openQueues({ gateway });
  sqs = new SQSClient({
    endpoint: gateway.origin,
    region: "us-east-1",
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
  });
});
afterAll(async () => {
  sqs.destroy();
  queues.close();
  await gateway.close();
});

const newQueue = async (Attributes: Record<string, string> = {}): Promise<string> => {
  created += 1;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `queue-${created}`, Attributes }));
  return QueueUrl!;
};
const send = (QueueUrl: string, MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
const receive = async (QueueUrl: string, MaxNumberOfMessages = 10) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages }))).Messages ?? [];

describe("queues", () => {
  it("have URLs on the gateway's own origin, found by name and listed", async () => {
    const url = await newQueue();
    const name = url.split("/").at(-1)!;
    expect(url).toBe(`${gateway.origin}/000000000000/${name}`);
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl).toBe(url);
    expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: name }))).QueueUrls).toContain(url);
  });

  it("are listed by pages", async () => {
    for (const n of [1, 2, 3]) await sqs.send(new CreateQueueCommand({ QueueName: `paged-${n}` }));
    const list = (NextToken?: string) =>
      sqs.send(new ListQueuesCommand({ QueueNamePrefix: "paged-", MaxResults: 2, NextToken }));
    const first = await list();
    const second = await list(first.NextToken);
    const names = [...first.QueueUrls!, ...second.QueueUrls!].map((url) => url.split("/").at(-1));
    expect([names, second.NextToken]).toEqual([["paged-1", "paged-2", "paged-3"], undefined]);
  });

  it("may be created again with the same attributes, not with others", async () => {
    const create = (VisibilityTimeout: string) =>
      sqs.send(new CreateQueueCommand({ QueueName: "twice", Attributes: { VisibilityTimeout } }));
    expect(await create("40")).toMatchObject({ QueueUrl: (await create("40")).QueueUrl });
    await expect(create("50")).rejects.toThrow("the queue twice exists with another value of VisibilityTimeout");
  });

  it("that do not exist are refused by the error SQS has for it", async () => {
    const gone = await newQueue();
    await sqs.send(new DeleteQueueCommand({ QueueUrl: gone }));
    await expect(send(gone, "x")).rejects.toMatchObject({
      name: "QueueDoesNotExist",
      message: expect.stringContaining(gone),
    });
  });

  it("take and lose tags", async () => {
    const QueueUrl = await newQueue();
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: "risk", tier: "1" } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["tier"] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ team: "risk" });
  });

  it("answer with their attributes and count messages by state", async () => {
    const QueueUrl = await newQueue({ VisibilityTimeout: "77" });
    await send(QueueUrl, "a");
    await send(QueueUrl, "b");
    await receive(QueueUrl, 1);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "later", DelaySeconds: 900 }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    expect(Attributes).toMatchObject({
      QueueArn: expect.stringMatching(/^arn:aws:sqs:us-east-1:000000000000:queue-\d+$/),
      VisibilityTimeout: "77",
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesNotVisible: "1",
      ApproximateNumberOfMessagesDelayed: "1",
    });
    expect(queues.depth(QueueUrl)).toEqual({ visible: 1, inFlight: 1, delayed: 1 });
  });

  it("change their attributes, and refuse values out of range", async () => {
    const QueueUrl = await newQueue();
    const set = (Attributes: Record<string, string>) =>
      sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    await set({ DelaySeconds: "1" });
    const read = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["DelaySeconds"] }));
    expect(read.Attributes).toEqual({ DelaySeconds: "1" });
    await expect(set({ VisibilityTimeout: "43201" })).rejects.toThrow(
      'VisibilityTimeout must be an integer from 0 to 43200, came "43201"',
    );
    await expect(
      set({ RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none","maxReceiveCount":3}' }),
    ).rejects.toThrow("does not exist");
  });
});

describe("what is not implemented", () => {
  it.each(["KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "FifoQueue", "Bogus"])(
    "the attribute %s is refused by name",
    async (name) => {
      await expect(newQueue({ [name]: "true" })).rejects.toMatchObject({
        name: "InvalidAttributeName",
        message: expect.stringContaining(`${name}=true`),
      });
    },
  );

  it("FIFO queues are refused by name", async () => {
    await expect(sqs.send(new CreateQueueCommand({ QueueName: "orders.fifo" }))).rejects.toThrow(
      "FIFO queues are not implemented locally: orders.fifo",
    );
  });

  it("other actions are refused by name", async () => {
    await expect(sqs.send(new StartMessageMoveTaskCommand({ SourceArn: "arn" }))).rejects.toThrow(
      "the action StartMessageMoveTask is not implemented locally",
    );
  });

  it("other fields are refused by name", async () => {
    const QueueUrl = await newQueue();
    const withDeduplication = new SendMessageCommand({ QueueUrl, MessageBody: "x", MessageDeduplicationId: "1" });
    await expect(sqs.send(withDeduplication)).rejects.toThrow("MessageDeduplicationId");
  });
});

describe("messages", () => {
  it("come back with body, attributes and digests as sent, any Unicode included", async () => {
    const QueueUrl = await newQueue();
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'σ² → 😀 \n "quoted"',
        MessageGroupId: "tenant-1",
        MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: "Root=1" } },
        MessageAttributes: {
          "grid.job": { DataType: "String", StringValue: "j-1" },
          "grid.bytes": { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255) },
          other: { DataType: "Number", StringValue: "7" },
        },
      }),
    );
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["grid.*"], MessageSystemAttributeNames: ["All"] }),
    );
    expect(Messages).toMatchObject([
      {
        Body: 'σ² → 😀 \n "quoted"',
        Attributes: {
          MessageGroupId: "tenant-1",
          AWSTraceHeader: "Root=1",
          ApproximateReceiveCount: "1",
          SenderId: "000000000000",
        },
        MessageAttributes: { "grid.job": { StringValue: "j-1" }, "grid.bytes": { BinaryValue: Uint8Array.of(0, 255) } },
      },
    ]);
    expect(Object.keys(Messages![0]!.MessageAttributes!)).toHaveLength(2);
  });

  it("show no attributes that were not asked for", async () => {
    const QueueUrl = await newQueue();
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "x",
        MessageAttributes: { a: { DataType: "String", StringValue: "1" } },
      }),
    );
    const [message] = await receive(QueueUrl);
    expect([message?.Attributes, message?.MessageAttributes]).toEqual([undefined, undefined]);
  });

  it("have the attribute digest AWS gives", async () => {
    const QueueUrl = await newQueue();
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "x",
        MessageAttributes: { timestamp: { DataType: "Number", StringValue: "1493147359900" } },
      }),
    );
    expect(sent.MD5OfMessageAttributes).toBe("235c5c510d26fb653d073faed50ae77c");
  });

  it("of 1 MiB are taken, of one byte more refused", async () => {
    const QueueUrl = await newQueue();
    await send(QueueUrl, "x".repeat(1_048_576));
    expect((await receive(QueueUrl))[0]?.Body).toHaveLength(1_048_576);
    await expect(send(QueueUrl, "x".repeat(1_048_577))).rejects.toThrow(
      "the message has 1048577 bytes, this queue takes at most 1048576",
    );
  });

  it("with characters SQS does not take are refused, and which", async () => {
    const QueueUrl = await newQueue();
    await expect(send(QueueUrl, "ab\u0000")).rejects.toMatchObject({
      name: "InvalidMessageContents",
      message: expect.stringContaining("U+0000 at 2"),
    });
  });

  it("are purged", async () => {
    const QueueUrl = await newQueue();
    await send(QueueUrl, "x");
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(queues.depth(QueueUrl).visible).toBe(0);
  });

  it("move to the dead-letter queue after maxReceiveCount receives", async () => {
    const dead = await newQueue();
    const arn = `arn:aws:sqs:us-east-1:000000000000:${dead.split("/").at(-1)}`;
    const QueueUrl = await newQueue({
      VisibilityTimeout: "0",
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 2 }),
    });
    await send(QueueUrl, "poison");
    expect(
      [await receive(QueueUrl), await receive(QueueUrl), await receive(QueueUrl)].map((each) => each.length),
    ).toEqual([1, 1, 0]);
    const found = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: dead, MessageSystemAttributeNames: ["DeadLetterQueueSourceArn"] }),
    );
    expect(found.Messages).toMatchObject([
      { Body: "poison", Attributes: { DeadLetterQueueSourceArn: expect.stringContaining("queue-") } },
    ]);
  });
});

describe("batches", () => {
  const entries = (count: number, body = "x") =>
    Array.from({ length: count }, (_, i) => ({ Id: `e${i}`, MessageBody: body }));

  it("of ten are sent, received and deleted", async () => {
    const QueueUrl = await newQueue();
    const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries(10) }));
    expect(sent.Successful).toHaveLength(10);
    const messages = await receive(QueueUrl);
    const Entries = messages.map(({ ReceiptHandle }, i) => ({ Id: `${i}`, ReceiptHandle }));
    expect((await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))).Successful).toHaveLength(10);
    expect(queues.depth(QueueUrl)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it("report the entries that failed and do the others", async () => {
    const QueueUrl = await newQueue();
    const Entries = [
      { Id: "good", MessageBody: "x" },
      { Id: "bad", MessageBody: "\u0001" },
    ];
    const answer = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect([answer.Successful?.map(({ Id }) => Id), answer.Failed?.map(({ Id, Code }) => [Id, Code])]).toEqual([
      ["good"],
      [["bad", "InvalidMessageContents"]],
    ]);
    expect(queues.depth(QueueUrl).visible).toBe(1);
  });

  it.each([
    ["TooManyEntriesInBatchRequest", entries(11)],
    ["EmptyBatchRequest", []],
    ["BatchEntryIdsNotDistinct", [...entries(1), ...entries(1)]],
    ["InvalidBatchEntryId", [{ Id: "a b", MessageBody: "x" }]],
    ["BatchRequestTooLong", entries(2, "x".repeat(600_000))],
  ])("are refused with %s as a whole", async (name, Entries) => {
    const QueueUrl = await newQueue();
    await expect(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({ name });
    expect(queues.depth(QueueUrl).visible).toBe(0);
  });

  it("change the visibility of several messages, one entry failing by itself", async () => {
    const QueueUrl = await newQueue();
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries(2) }));
    const [first, second] = await receive(QueueUrl);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second!.ReceiptHandle }));
    const Entries = [first!, second!].map(({ ReceiptHandle }, i) => ({
      Id: `${i}`,
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    const answer = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    expect([answer.Successful?.length, answer.Failed?.length, queues.depth(QueueUrl)]).toEqual([
      1,
      1,
      { visible: 1, inFlight: 0, delayed: 0 },
    ]);
  });
});

describe("a long poll", () => {
  const poll = (QueueUrl: string) =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MaxNumberOfMessages: 10 }));

  it("is answered when a message comes, or comes back", async () => {
    const QueueUrl = await newQueue();
    const first = poll(QueueUrl);
    await send(QueueUrl, "a");
    const ReceiptHandle = (await first).Messages![0]!.ReceiptHandle;
    const second = poll(QueueUrl);
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    expect((await second).Messages).toMatchObject([{ Body: "a" }]);
  });

  it("of a caller that went away takes no message", async () => {
    const QueueUrl = await newQueue();
    const caller = request(gateway.origin, {
      method: "POST",
      headers: { "x-amz-target": "AmazonSQS.ReceiveMessage", "content-type": "application/x-amz-json-1.0" },
    });
    caller.on("error", (error) => expect(error.message).toBe("socket hang up"));
    const before = gateway.calls()["sqs"]?.["ReceiveMessage"] ?? 0;
    caller.end(JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 }));
    await vi.waitFor(() => expect(gateway.calls()["sqs"]?.["ReceiveMessage"]).toBe(before + 1));
    caller.destroy();
    await vi.waitFor(async () => {
      await send(QueueUrl, "a");
      expect(await receive(QueueUrl)).not.toEqual([]);
    });
    expect(queues.depth(QueueUrl).visible).toBe(0);
  });

  it("is answered with nothing when the service closes", async () => {
    const other = await startGateway({ port: 0 });
    const closing = openQueues({ gateway: other });
    const client = new SQSClient({
      endpoint: other.origin,
      region: "us-east-1",
      credentials: { accessKeyId: "x", secretAccessKey: "x" },
    });
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: "closing" }));
    const waiting = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await vi.waitFor(() => expect(other.calls()["sqs"]?.["ReceiveMessage"]).toBe(1));
    closing.close();
    expect((await waiting).Messages).toBeUndefined();
    await other.close();
  });
});
