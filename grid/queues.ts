import { GetQueueUrlCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Context, Effect, Layer } from "effect";
import { AwsError, CLIENT_TUNING, call } from "./aws.ts";
import { batchesOf, type OutgoingMessage } from "./message-batches.ts";

export interface QueuesShape {
  /** URL of a queue, asked for once. */
  url(queueName: string): Effect.Effect<string, AwsError>;
  /** Sends all messages in as few calls as SQS allows, several at once; entries that SQS did not take are sent again. */
  sendAll(queueName: string, messages: readonly OutgoingMessage[]): Effect.Effect<void, AwsError>;
}

/** SQS, for those who send. */
export class Queues extends Context.Service<Queues, QueuesShape>()("grid/Queues") {
  static readonly layer = Layer.sync(Queues, () => makeQueues(new SQSClient({ ...CLIENT_TUNING, md5: false })));
}

/** Calls of SendMessageBatch under way at once. */
const SENDING = 8;
/** Times an entry is sent before its failure is an error, with waits of 100 ms, 200 ms, … between. */
const SENDS = 5;

export function makeQueues(sqs: SQSClient): QueuesShape {
  const urls = new Map<string, string>();

  const url = Effect.fnUntraced(function* (queueName: string) {
    const known = urls.get(queueName);
    if (known !== undefined) return known;
    const { QueueUrl } = yield* call("SQS.GetQueueUrl", (abortSignal) =>
      sqs.send(new GetQueueUrlCommand({ QueueName: queueName }), { abortSignal }),
    );
    urls.set(queueName, QueueUrl!);
    return QueueUrl!;
  });

  const sendBatch = Effect.fnUntraced(function* (queueUrl: string, batch: readonly OutgoingMessage[]) {
    let left = batch;
    for (let sends = 1; ; sends++) {
      const entries = left.map(({ body, delaySeconds }, n) => ({
        Id: `${n}`,
        MessageBody: body,
        ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
      }));
      const { Failed } = yield* call("SQS.SendMessageBatch", (abortSignal) =>
        sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }), { abortSignal }),
      );
      const [first] = Failed ?? [];
      if (first === undefined) return;
      if (sends === SENDS || first.SenderFault) {
        return yield* new AwsError({
          operation: "SQS.SendMessageBatch",
          code: first.Code ?? "Unknown",
          detail: `${Failed!.length} of ${left.length} messages were not taken by ${queueUrl}: ${first.Message ?? ""}`,
          cause: first,
        });
      }
      left = Failed!.map(({ Id }) => left[Number(Id)]!);
      yield* Effect.sleep(`${100 * 2 ** (sends - 1)} millis`);
    }
  });

  return {
    url,
    sendAll: Effect.fnUntraced(function* (queueName, messages) {
      if (messages.length === 0) return;
      const queueUrl = yield* url(queueName);
      yield* Effect.forEach(batchesOf(messages), (batch) => sendBatch(queueUrl, batch), {
        concurrency: SENDING,
        discard: true,
      });
    }),
  };
}
