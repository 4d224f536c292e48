import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { REGION } from "../names.ts";

/** The most SQS gives or takes in one call. */
export const MESSAGES_PER_CALL = 10;

/** The longest a receive may wait, in seconds. */
const LONGEST_POLL_SECONDS = 20;

/** DeleteMessageBatch calls of one batch at a time: enough to hide the round trip. */
const PARALLEL_DELETES = 4;

/** The calls on a queue that an event source mapping makes. */
export interface SqsQueue {
  /** Waits up to 20 s for messages; ends at once with an AbortError when `signal` is aborted. */
  receive(atMost: number, signal: AbortSignal): Promise<Message[]>;
  /** @throws Error naming the messages that could not be deleted. */
  delete(receiptHandles: readonly string[]): Promise<void>;
  visibilitySeconds(): Promise<number>;
}

/** A client for all event source mappings: bodies are checked by nobody here, and each call costs a third less. */
export const createSqsClient = (origin: string): SQSClient =>
  new SQSClient({
    endpoint: origin,
    region: REGION,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    md5: false,
    cacheMiddleware: true,
    // A long poll holds a socket for 20 s, and every mapping has one: the default of 50 would be an odd limit.
    requestHandler: { httpAgent: { keepAlive: true, maxSockets: 512 } },
  });

export const createSqsQueue = (client: SQSClient, queueUrl: string): SqsQueue => ({
  receive: async (atMost, abortSignal) => {
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: atMost,
      WaitTimeSeconds: LONGEST_POLL_SECONDS,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    return (await client.send(command, { abortSignal })).Messages ?? [];
  },
  delete: async (receiptHandles) => {
    const calls = chunksOf(receiptHandles, MESSAGES_PER_CALL);
    const failures: string[] = [];
    const deleteSome = async (): Promise<void> => {
      for (let handles = calls.pop(); handles !== undefined; handles = calls.pop()) {
        const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
        const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
        failures.push(...Failed.map(({ Id, Code, Message: why }) => `${handles[Number(Id)]}: ${Code} ${why ?? ""}`));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_DELETES }, deleteSome));
    if (failures.length > 0) throw new Error(`${failures.length} messages were not deleted: ${failures.join(", ")}`);
  },
  visibilitySeconds: async () => {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["VisibilityTimeout"] });
    return Number((await client.send(command)).Attributes?.["VisibilityTimeout"]);
  },
});

const chunksOf = <A>(items: readonly A[], size: number): A[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
