/** A message to send. */
export interface OutgoingMessage {
  readonly body: string;
  /** Seconds until it can be received, at most 900. Default 0. */
  readonly delaySeconds?: number;
}

/** SQS takes 10 messages and 1 MiB in a batch (SQS developer guide, "Message quotas"). */
export const BATCH_MESSAGES = 10;
export const BATCH_BYTES = 1_048_576;

/** Cuts messages, in their order, into batches that SQS takes. */
export function batchesOf(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const batches: OutgoingMessage[][] = [];
  let batch: OutgoingMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body);
    if (batch.length > 0 && (batch.length === BATCH_MESSAGES || bytes + size > BATCH_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
