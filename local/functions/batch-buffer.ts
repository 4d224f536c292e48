import type { SqsRecord } from "./sqs-record.ts";

/** Records received and not yet handed to the function, in order of arrival. */
export interface BatchBuffer {
  readonly count: number;
  add(records: readonly SqsRecord[], nowMs: number): void;
  /** Milliseconds until the next batch may go: 0 = now, Infinity = nothing is there. */
  dueInMs(nowMs: number): number;
  /** Takes the next batch out: as many records as fit its size and its bytes, at least one. */
  take(): SqsRecord[];
}

/** What closes a batch: whichever is reached first. */
export interface BatchLimits {
  /** Records in a batch, at most. */
  readonly size: number;
  /** How long the first record of a batch waits for others. */
  readonly windowMs: number;
  /** Bytes of a batch, at most. */
  readonly bytes: number;
}

export const createBatchBuffer = (limits: BatchLimits): BatchBuffer => {
  let waiting: { readonly record: SqsRecord; readonly since: number }[] = [];
  let bytes = 0;
  return {
    get count() {
      return waiting.length;
    },
    add: (records, nowMs) => {
      for (const record of records) {
        waiting.push({ record, since: nowMs });
        bytes += record.bytes;
      }
    },
    dueInMs: (nowMs) => {
      const first = waiting[0];
      if (first === undefined) return Number.POSITIVE_INFINITY;
      if (waiting.length >= limits.size || bytes > limits.bytes) return 0;
      return Math.max(0, first.since + limits.windowMs - nowMs);
    },
    take: () => {
      let count = 0;
      let taken = 0;
      for (const { record } of waiting) {
        if (count === limits.size || (count > 0 && taken + record.bytes > limits.bytes)) break;
        taken += record.bytes;
        count += 1;
      }
      const batch = waiting.slice(0, count).map(({ record }) => record);
      waiting = waiting.slice(count);
      bytes -= taken;
      return batch;
    },
  };
};
