import { Effect, Stream } from "effect";
import { AwsError } from "#grid/aws.ts";
import { type ChunkRounds, chunkRounds } from "#grid/chunk-rounds.ts";
import { BrokenRecord } from "#grid/errors.ts";
import type { JobRecord } from "#grid/job.ts";
import { isDone } from "#grid/ledger/chunk-record.ts";
import { Ledger } from "#grid/ledger.ts";
import { countOf } from "#grid/ranges.ts";
import { settleChunk } from "#grid/settlement.ts";
import { TaskStore } from "#grid/task-store.ts";

/** Chunks that are frozen at once. */
const FREEZING = 16;

/** Freezes what is unfinished, so that it takes no more outcomes, and counts how a job's tasks stand. */
export const countTasks = Effect.fn("countTasks")(function* (job: JobRecord) {
  return yield* Stream.mapEffect(yield* roundsOf(job), freezeUnfinished(job.jobId), { concurrency: FREEZING }).pipe(
    Stream.runFold(
      () => ({ succeeded: 0, failed: 0, unfinished: 0 }),
      (sum, chunk) => {
        const { succeeded, failed, unfinished } = settleChunk(chunk);
        return {
          succeeded: sum.succeeded + succeeded,
          failed: sum.failed + countOf(failed),
          unfinished: sum.unfinished + countOf(unfinished),
        };
      },
    ),
  );
});

/** All chunks of a job with their rounds, in task order. */
export const roundsOf = Effect.fnUntraced(function* (job: JobRecord) {
  const ledger = yield* Ledger;
  const tasks = yield* TaskStore;
  return Stream.fromAsyncIterable(chunkRounds(ledger, tasks, job), readError);
});

/** What reading ledger and bucket throws, as an error of its own kind. */
const readError = (thrown: unknown): AwsError | BrokenRecord =>
  thrown instanceof AwsError || thrown instanceof BrokenRecord
    ? thrown
    : new BrokenRecord({ message: thrown instanceof Error ? thrown.message : String(thrown) });

/** A chunk that was never dispatched is frozen too: a dispatch that comes late must not bring it to life. */
const freezeUnfinished = (jobId: string) =>
  Effect.fnUntraced(function* ({ chunk, rounds }: ChunkRounds) {
    const ledger = yield* Ledger;
    const frozen = yield* Effect.forEach(rounds, (round) =>
      round.record !== undefined && (isDone(round.record) || round.record.state === "frozen")
        ? Effect.succeed(round)
        : Effect.map(ledger.freezeChunk(jobId, round.chunk), (record) => ({ ...round, record })),
    );
    return { chunk, rounds: frozen } satisfies ChunkRounds;
  });
