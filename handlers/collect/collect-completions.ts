import { Clock, Effect, Option, Result } from "effect";
import type { ChunkRecord } from "#grid/ledger/chunk-record.ts";
import { Ledger } from "#grid/ledger.ts";
import { addOutcomes, countChange, isFull, type OutcomeCounts } from "#grid/outcomes.ts";
import { ResultStore } from "#grid/result-store.ts";
import { type SegmentRef, segmentId } from "#grid/segment-ref.ts";
import { answerChunk } from "../chunk-answer.ts";
import { recordApplicationMetrics, recordGridMetrics } from "../metrics.ts";
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
  const notCollected = yield* Effect.forEach(jobs, collectJob, { concurrency: JOBS });
  const failed = [...new Set([...broken.map(({ messageId }) => messageId), ...notCollected.flat()])];
  if (failed.length > 0) yield* recordGridMetrics({ completionsFailed: [failed.length] });
  return failed;
});

/** Returns the ids of messages that failed, in whole or in part: delivered again, what they added already is not added twice. */
const collectJob = Effect.fnUntraced(
  function* (job: JobCompletion) {
    const refs = yield* Effect.result(storeRows(job));
    if (Result.isFailure(refs)) {
      yield* Effect.logError("rows are not stored", { error: refs.failure.message });
      return [...job.messageIds];
    }
    const added = yield* forEachChunk(job, (chunk, n) => addToChunk(job, chunk, refs.success[n]!));
    const change = sumOf(added.results.map((each) => each.change));
    yield* recordApplicationMetrics(job.application, job.jobId, {
      tasksSucceeded: [change.succeeded],
      tasksFailed: [change.failed],
    });
    yield* reportProgress(job, change).pipe(
      // Live counts only; Settle counts again.
      Effect.catch((error) => Effect.logWarning("progress is not counted", { error: error.message })),
    );
    const full = new Map(added.results.flatMap(({ full }) => (full === undefined ? [] : [[full.chunk.chunk, full]])));
    const answered = yield* forEachChunk(job, ({ chunk }) => answerIfFull(job, full.get(chunk)));
    return [...added.failed, ...answered.failed];
  },
  (effect, job) => effect.pipe(Effect.annotateLogs({ job: job.jobId })),
);

/** What was done with each chunk; of those where it failed the messages. */
const forEachChunk = Effect.fnUntraced(function* <A, E extends Error, R>(
  { chunks }: JobCompletion,
  act: (completion: ChunkCompletion, n: number) => Effect.Effect<A, E, R>,
) {
  const done = yield* Effect.forEach(chunks, (completion, n) => Effect.result(act(completion, n)), {
    concurrency: CHUNKS,
  });
  const results: A[] = [];
  const failed: string[] = [];
  for (const [n, result] of done.entries()) {
    const { chunk, messageIds } = chunks[n]!;
    if (Result.isSuccess(result)) results.push(result.success);
    else {
      failed.push(...messageIds);
      yield* Effect.logError("chunk is not collected", { chunk, error: result.failure.message });
    }
  }
  return { results, failed };
});

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

interface Added {
  /** How the job's counts change. */
  readonly change: OutcomeCounts;
  /** The chunk, if its state has to be told that it is full. */
  readonly full?: ChunkRecord;
}

/** Adds a chunk's outcomes, and turns it full when they are the last. */
const addToChunk = Effect.fnUntraced(function* (
  { jobId }: JobCompletion,
  { chunk, outcomes }: ChunkCompletion,
  ref: SegmentRef,
) {
  const ledger = yield* Ledger;
  const before = Option.getOrUndefined(yield* ledger.addOutcomes(jobId, chunk, outcomes, ref));
  if (before === undefined) {
    yield* Effect.logWarning("dropped: the ledger has no such chunk");
    return { change: NO_CHANGE } satisfies Added;
  }
  // Full: whoever filled it may not have come to tell.
  if (before.state === "full") return { change: NO_CHANGE, full: before } satisfies Added;
  if (before.state !== "open") return { change: NO_CHANGE } satisfies Added;
  const after = addOutcomes(before.outcomes, outcomes);
  const change = countChange(before.outcomes, after);
  if (!isFull(after, before.chunk.count)) return { change } satisfies Added;
  // Not filled: another batch has added to it since, or has filled it; that one tells.
  const filled = Option.getOrUndefined(yield* ledger.fillChunk(jobId, chunk, after));
  return { change, ...(filled !== undefined && { full: filled }) } satisfies Added;
});

const answerIfFull = ({ application }: JobCompletion, record: ChunkRecord | undefined) =>
  record?.token === undefined ? Effect.void : answerChunk(application, record, record.token);

const NO_CHANGE: OutcomeCounts = { succeeded: 0, failed: 0 };
