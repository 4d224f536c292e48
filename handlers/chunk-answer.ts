import { Effect, Option } from "effect";
import { Definition } from "#grid/definition-file.ts";
import { TasksFailed } from "#grid/errors.ts";
import { type ChunkRecord, isDone } from "#grid/ledger/chunk-record.ts";
import { Ledger } from "#grid/ledger.ts";
import { StepFunctions } from "#grid/step-functions.ts";
import { isTolerated } from "#grid/tolerance.ts";
import type { DispatchOutput } from "#state-machines/payloads.ts";

/**
 * Ends the state that waits for a chunk whose tasks all have an outcome, then closes the chunk. Whoever meets a full chunk calls this, so
 * a crash between the two leaves nothing stuck. A token that nobody waits for closes nothing: the item's present one is tried.
 */
export const answerChunk = Effect.fn("answerChunk")(function* (
  application: string,
  record: ChunkRecord,
  token: string,
) {
  const answered = yield* callBack(application, record, token);
  if (answered === "taken") return yield* close(record, token);
  const ledger = yield* Ledger;
  const present = Option.getOrUndefined(yield* ledger.getChunk(record.jobId, record.chunk.chunk));
  if (present?.token === undefined || present.token === token || !isDone(present)) {
    yield* Effect.logInfo("nobody waits for this chunk", { token: "gone" });
    return;
  }
  if ((yield* callBack(application, present, present.token)) === "taken") yield* close(present, present.token);
});

const close = Effect.fnUntraced(function* ({ jobId, chunk, state }: ChunkRecord, token: string) {
  if (state !== "full") return;
  const ledger = yield* Ledger;
  yield* ledger.closeChunk(jobId, chunk.chunk, token);
});

/** Success, whatever the tasks' outcomes; but a job that fails fast is told of the failures that end it. */
const callBack = Effect.fnUntraced(function* (application: string, record: ChunkRecord, token: string) {
  const states = yield* StepFunctions;
  const { succeeded, failed } = record.counts ?? { succeeded: 0, failed: 0 };
  const stops = failed > 0 && (yield* failsFast(application, record.jobId, failed));
  const { chunk } = record.chunk;
  const { _tag, message } = new TasksFailed({
    message: `${failed} tasks of chunk ${chunk} of job ${record.jobId} failed`,
  });
  const output: typeof DispatchOutput.Type = { chunk, succeeded, failed };
  return yield* stops ? states.sendTaskFailure(token, _tag, message) : states.sendTaskSuccess(token, output);
});

const failsFast = Effect.fnUntraced(function* (application: string, jobId: string, failedInChunk: number) {
  const { applications } = yield* Definition;
  const definition = applications[application];
  if (definition?.failFast !== true) return false;
  const ledger = yield* Ledger;
  const job = Option.getOrUndefined(yield* ledger.getJob(jobId));
  if (job?.plan === undefined) return false;
  return !isTolerated(Math.max(job.failed, failedInChunk), job.plan.total, definition.tolerate);
});
