import { setTimeout as delay } from "node:timers/promises";
import { createBatchBuffer } from "./batch-buffer.ts";
import { batchOutcome } from "./batch-response.ts";
import type { Invocation } from "./invocation.ts";
import { type EventSourceMapping, MAX_BATCH_BYTES } from "./mapping.ts";
import { MESSAGES_PER_CALL, type SqsQueue } from "./sqs-queue.ts";
import { type SqsRecord, sqsEvent, sqsRecord } from "./sqs-record.ts";

/** Receives at a time while a large batch is filled from a backlog; beyond 4 the one client's CPU is the limit. */
const PARALLEL_RECEIVES = 4;

/** Pauses after failed receives, doubled from the first to the second. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface PollerOptions {
  readonly mapping: EventSourceMapping;
  readonly queue: SqsQueue;
  /** Batches in flight, at most. */
  readonly concurrency: number;
  readonly invoke: (event: string) => Promise<Invocation>;
  readonly warn: (message: string) => void;
}

/**
 * Moves messages from a queue to a function: gathers a batch, invokes, deletes what was done. Nothing is received while
 * every slot is taken, and never more than one batch ahead; what is not deleted comes back when its visibility ends.
 *
 * @returns a function that stops the poller at once.
 */
export const startPoller = ({ mapping, queue, concurrency, invoke, warn }: PollerOptions): (() => void) => {
  const name = `${mapping.queueArn} -> ${mapping.functionName}`;
  const { batchSize, windowSeconds } = mapping;
  const buffer = createBatchBuffer({ size: batchSize, windowMs: windowSeconds * 1000, bytes: MAX_BATCH_BYTES });
  const stop = new AbortController();
  let inFlight = 0;
  let receives = 0;
  /** Messages that the receives under way may bring. */
  let asked = 0;
  /** Whether the last receive brought all it asked for, so that there is most likely more. */
  let backlog = false;
  let pauseMs = FIRST_PAUSE_MS;
  let windowTimer: NodeJS.Timeout | undefined;

  const step = (): void => {
    if (stop.signal.aborted) return;
    // 1. Hand over the batches that are due, as far as slots are free.
    while (inFlight < concurrency && buffer.dueInMs(performance.now()) === 0) void run(buffer.take());
    if (inFlight === concurrency) return;
    // 2. Receive what the next batch still lacks.
    const parallel = backlog ? PARALLEL_RECEIVES : 1;
    for (let room = batchSize - buffer.count - asked; room > 0 && receives < parallel; room -= MESSAGES_PER_CALL) {
      void receive(Math.min(room, MESSAGES_PER_CALL));
    }
    // 3. Come back when the window of the batch closes.
    const dueInMs = buffer.dueInMs(performance.now());
    clearTimeout(windowTimer);
    if (dueInMs !== Number.POSITIVE_INFINITY) windowTimer = setTimeout(step, Math.ceil(dueInMs));
  };

  const receive = async (atMost: number): Promise<void> => {
    receives += 1;
    asked += atMost;
    try {
      const messages = await queue.receive(atMost, stop.signal);
      buffer.add(
        messages.map((message) => sqsRecord(message, mapping.queueArn)),
        performance.now(),
      );
      backlog = messages.length === atMost;
      pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      if (stop.signal.aborted) return;
      warn(`${name}: cannot receive, trying again in ${pauseMs} ms: ${messageOf(error)}`);
      backlog = false;
      const pause = pauseMs;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      await delay(pause, undefined, { ref: false });
    } finally {
      receives -= 1;
      asked -= atMost;
      step();
    }
  };

  const run = async (batch: readonly SqsRecord[]): Promise<void> => {
    inFlight += 1;
    try {
      const done = doneOf(batch, await invoke(sqsEvent(batch)));
      await queue.delete(done.map((record) => record.receiptHandle));
    } catch (error) {
      if (!stop.signal.aborted) warn(`${name}: ${messageOf(error)}`);
    } finally {
      inFlight -= 1;
      step();
    }
  };

  const doneOf = (batch: readonly SqsRecord[], invocation: Invocation): readonly SqsRecord[] => {
    if (!invocation.ok) return [];
    if (!mapping.reportBatchItemFailures) return batch;
    const outcome = batchOutcome(invocation.payload, new Set(batch.map((record) => record.messageId)));
    if (outcome.kind === "partial") return batch.filter((record) => !outcome.failed.has(record.messageId));
    warn(`${name}: the whole batch of ${batch.length} counts as failed: ${outcome.why}`);
    return [];
  };

  step();
  return () => {
    clearTimeout(windowTimer);
    stop.abort();
  };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
