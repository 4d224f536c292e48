import { Clock, Effect, Option, Result } from "effect";
import { Ledger } from "#grid/ledger.ts";
import { addOutcomes, countChange, isFull, type OutcomeCounts } from "#grid/outcomes.ts";
import { ResultStore } from "#grid/result-store.ts";
import { type SegmentRef, segmentId } from "#grid/segment-ref.ts";
import { answerChunk } from "../chunk-answer.ts";
import {
  type ChunkCompletion,
  type CompletionMessage,
  type JobCompletion,
  sortCompletions,
  sumOf,
} from "./completions.ts";
import { reportProgress } from "./progress.ts";

/** Jobs and, of each, chunks that are written at once. */
const JOBS = 4;
const CHUNKS = 16;

/** Takes in a batch of completions. Returns the ids of the messages that must be delivered again. */
export const collectCompletions = Effect.fn("collectCompletions")(function* (messages: readonly CompletionMessage[]) {
  const { jobs, broken } = sortCompletions(messages);
  for (const { messageId, problem } of broken) yield* Effect.logError("no completion", { messageId, problem });
  const failed = yield* Effect.forEach(jobs, collectJob, { concurrency: JOBS });
  return [...new Set([...broken.map(({ messageId }) => messageId), ...failed.flat()])];
});

/** Returns the ids of messages that failed, in whole or in part: what they added is not added twice. */
const collectJob = Effect.fnUntraced(
  function* (job: JobCompletion) {
    const refs = yield* Effect.result(storeRows(job));
    if (Result.isFailure(refs)) {
      yield* Effect.logError("rows are not stored", { error: refs.failure.message });
      return [...job.messageIds];
    }
    const collected = yield* Effect.forEach(
      job.chunks,
      (chunk, n) => Effect.result(collectChunk(job, chunk, refs.success[n]!)),
      { concurrency: CHUNKS },
    );
    const changes = collected.flatMap((result) => (Result.isSuccess(result) ? [result.success] : []));
    yield* reportProgress(job, sumOf(changes)).pipe(
      // Live counts only; Settle counts again.
      Effect.catch((error) => Effect.logWarning("progress is not counted", { error: error.message })),
    );
    const again: string[] = [];
    for (const [n, result] of collected.entries()) {
      if (Result.isSuccess(result)) continue;
      yield* Effect.logError("chunk is not collected", { chunk: job.chunks[n]!.chunk, error: result.failure.message });
      again.push(...job.chunks[n]!.messageIds);
    }
    return again;
  },
  (effect, job) => effect.pipe(Effect.annotateLogs({ job: job.jobId })),
);

/** Writes one segment with the rows of all chunks; returns where those of each lie. */
const storeRows = Effect.fnUntraced(function* ({ jobId, chunks }: JobCompletion) {
  const results = yield* ResultStore;
  const segment = segmentId(yield* Clock.currentTimeMillis);
  const refs: SegmentRef[] = [];
  let start = 0;
  for (const { rows } of chunks) {
    const length = Buffer.byteLength(rows);
    refs.push({ segment, start, length });
    start += length;
  }
  yield* results.putSegment(jobId, segment, chunks.map(({ rows }) => rows).join(""));
  return refs;
});

/** Adds a chunk's outcomes, and turns it full when they are the last. Returns how the job's counts change. */
const collectChunk = Effect.fnUntraced(
  function* ({ jobId, application }: JobCompletion, { chunk, outcomes }: ChunkCompletion, ref: SegmentRef) {
    const ledger = yield* Ledger;
    const before = Option.getOrUndefined(yield* ledger.addOutcomes(jobId, chunk, outcomes, ref));
    if (before === undefined) {
      yield* Effect.logWarning("dropped: the ledger has no such chunk");
      return NO_CHANGE;
    }
    if (before.state === "full" && before.token !== undefined) {
      yield* answerChunk(application, before, before.token);
    }
    if (before.state !== "open") return NO_CHANGE;
    const after = addOutcomes(before.outcomes, outcomes);
    if (isFull(after, before.chunk.count)) {
      // Not filled: another batch has added to it since, or has filled it; that one answers.
      const filled = Option.getOrUndefined(yield* ledger.fillChunk(jobId, chunk, after));
      if (filled?.token !== undefined) yield* answerChunk(application, filled, filled.token);
    }
    return countChange(before.outcomes, after);
  },
  (effect, _job, { chunk }) => effect.pipe(Effect.annotateLogs({ chunk })),
);

const NO_CHANGE: OutcomeCounts = { succeeded: 0, failed: 0 };
