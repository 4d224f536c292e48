import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { Effect } from "effect";
import { BATCH_MESSAGES } from "#grid/message-batches.ts";
import { type Priority, taskQueueName } from "#grid/names.ts";
import type { QueuesShape } from "#grid/queues.ts";

/** A message that this worker has received and not deleted. */
export interface Received {
  readonly id: string;
  readonly receipt: string;
  readonly priority: Priority;
  readonly body: string;
  /** By `performance.now()`. */
  readonly receivedAt: number;
  /** When it was sent, by SQS's clock: milliseconds since 1970. */
  readonly sentAt: number;
}

/** A message for which an action of a batch failed. */
interface Refused {
  readonly message: Received;
  /** SQS's own name for the error. */
  readonly code: string;
  /** True: to try again is of no use. */
  readonly final: boolean;
}

/** A pool's queues, for those who take from them. Calls reject with what the SDK throws. */
export class TaskQueues {
  readonly #sqs: SQSClient;
  readonly #queues: QueuesShape;
  readonly #name: (priority: Priority) => string;

  constructor(sqs: SQSClient, queues: QueuesShape, grid: string, pool: string) {
    this.#sqs = sqs;
    this.#queues = queues;
    this.#name = (priority) => taskQueueName(grid, pool, priority);
  }

  nameOf(priority: Priority): string {
    return this.#name(priority);
  }

  async receive(priority: Priority, most: number, waitSeconds: number, abortSignal: AbortSignal): Promise<Received[]> {
    const { Messages } = await this.#sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: await this.#url(priority),
        MaxNumberOfMessages: most,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ["SentTimestamp"],
      }),
      { abortSignal },
    );
    const receivedAt = performance.now();
    return (Messages ?? []).map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
      id: MessageId!,
      receipt: ReceiptHandle!,
      priority,
      body: Body!,
      receivedAt,
      sentAt: Number(Attributes?.SentTimestamp),
    }));
  }

  /** Keeps messages of one queue to this worker for so many seconds from now; answers those that SQS refused. */
  extend(messages: readonly Received[], seconds: number): Promise<Refused[]> {
    return inBatches(messages, async (batch) => {
      const { Failed } = await this.#sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: await this.#url(batch[0]!.priority),
          Entries: batch.map(({ receipt }, n) => ({
            Id: `${n}`,
            ReceiptHandle: receipt,
            VisibilityTimeout: seconds,
          })),
        }),
      );
      return refusedOf(batch, Failed);
    });
  }

  /** Deletes messages of one queue; answers those that SQS refused. */
  delete(messages: readonly Received[]): Promise<Refused[]> {
    return inBatches(messages, async (batch) => {
      const { Failed } = await this.#sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: await this.#url(batch[0]!.priority),
          Entries: batch.map(({ receipt }, n) => ({ Id: `${n}`, ReceiptHandle: receipt })),
        }),
      );
      return refusedOf(batch, Failed);
    });
  }

  #url(priority: Priority): Promise<string> {
    return Effect.runPromise(this.#queues.url(this.#name(priority)));
  }
}

async function inBatches(
  messages: readonly Received[],
  run: (batch: readonly Received[]) => Promise<Refused[]>,
): Promise<Refused[]> {
  const batches = [];
  for (let at = 0; at < messages.length; at += BATCH_MESSAGES) batches.push(messages.slice(at, at + BATCH_MESSAGES));
  return (await Promise.all(batches.map(run))).flat();
}

const refusedOf = (
  batch: readonly Received[],
  failed: { Id?: string; Code?: string; SenderFault?: boolean }[] | undefined,
): Refused[] =>
  (failed ?? []).map(({ Id, Code, SenderFault }) => ({
    message: batch[Number(Id)]!,
    code: Code ?? "Unknown",
    final: SenderFault ?? false,
  }));
