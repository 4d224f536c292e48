import { Effect } from "effect";
import { StepFunctions } from "#grid/step-functions.ts";
import { MASTER_FAILED } from "./errors.ts";
import { executionOf, type MasterJob, standingOf, tokenOf } from "./master-job.ts";
import { MasterJobs } from "./master-jobs.ts";

/** Jobs looked after at once. */
const AT_ONCE = 5;

/**
 * What `eks:runJob.sync` does beside creating a Job, for all masters at once: fails the state of one whose Job failed without its own word,
 * and deletes the Job of one whose execution has ended. Repeating either changes nothing.
 */
export const watchJobs = Effect.gen(function* () {
  const jobs = yield* MasterJobs;
  yield* Effect.forEach(yield* jobs.list, (job) => lookAfter(job), { concurrency: AT_ONCE, discard: true });
});

const lookAfter = Effect.fnUntraced(function* (job: MasterJob) {
  const { name } = job.metadata;
  const standing = standingOf(job);
  const states = yield* StepFunctions;
  if (standing.is === "failed") {
    const token = tokenOf(job);
    if (token === undefined) return;
    const callBack = yield* states.sendTaskFailure(token, MASTER_FAILED, `Job ${name}: ${standing.why}`);
    if (callBack === "taken") yield* Effect.logWarning("a master's Job failed", { job: name, why: standing.why });
  }
  const execution = executionOf(job);
  if (standing.is !== "running" || execution === undefined) return;
  const { status } = yield* states.describeExecution(execution);
  if (status === "RUNNING") return;
  yield* Effect.logWarning("the Job of an execution that ended is deleted", { job: name, execution, status });
  yield* (yield* MasterJobs).remove(name);
});
