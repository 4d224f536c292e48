import { Effect, Stream } from "effect";
import { type Chunk, chunkId, type Plan, parseChunkId } from "#grid/chunk.ts";
import type { ChunkRounds } from "#grid/chunk-rounds.ts";
import type { JobRecord } from "#grid/job.ts";
import { jobKeys } from "#grid/names.ts";
import { countOf, inRanges, rangesOf } from "#grid/ranges.ts";
import { settleChunk } from "#grid/settlement.ts";
import { chunkLine, TaskStore } from "#grid/task-store.ts";
import { roundsOf } from "./standing.ts";

/** Writes the index of a job's next round; returns its plan. */
export const planRound = Effect.fn("planRound")(function* (job: JobRecord, plan: Plan, retriesFailed: boolean) {
  const store = yield* TaskStore;
  const round = job.rounds.length + 1;
  const chunksKey = jobKeys.roundChunks(job.jobId, round);
  let chunks = 0;
  let first: Chunk | undefined;
  const lines = Stream.map(yield* roundsOf(job), (rounds) => {
    const chunk = chunkOfRound(rounds, round, retriesFailed);
    if (chunk === undefined) return "";
    chunks++;
    first ??= chunk;
    return chunkLine(chunk);
  }).pipe(Stream.filter((line) => line !== ""));
  yield* store.upload(chunksKey, Stream.toAsyncIterable(lines));
  const { tasksKey, total } = plan;
  return {
    tasksKey,
    chunksKey,
    chunks,
    total,
    round,
    ...(first !== undefined && chunks === 1 && { single: first }),
  } satisfies Plan;
});

/** What a chunk has still to do, as a chunk of the next round; none if it has nothing to do. The byte range stays that of the split. */
export function chunkOfRound(rounds: ChunkRounds, round: number, retriesFailed: boolean): Chunk | undefined {
  const { failed, unfinished } = settleChunk(rounds);
  const indexes = retriesFailed ? rangesOf([...inRanges(failed), ...inRanges(unfinished)]) : unfinished;
  if (indexes.length === 0) return undefined;
  const { chunk, first, start, end } = rounds.chunk;
  return { chunk: chunkId(parseChunkId(chunk).number, round), first, count: countOf(indexes), start, end, indexes };
}
