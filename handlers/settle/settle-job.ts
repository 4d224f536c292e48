import { Clock, Effect, Option } from "effect";
import type { Plan } from "#grid/chunk.ts";
import type { ApplicationDefinition } from "#grid/definition.ts";
import { Definition } from "#grid/definition-file.ts";
import { BrokenRecord } from "#grid/errors.ts";
import type { JobRecord } from "#grid/job.ts";
import { Ledger } from "#grid/ledger.ts";
import { type Decision, decide } from "#grid/settlement.ts";
import type { SettleInput, SettleOutput } from "#state-machines/payloads.ts";
import { deadlineExceeded, type FailedCounts, tasksFailed, tasksLost } from "./failures.ts";
import { writeManifest } from "./manifest.ts";
import { planRound } from "./next-round.ts";
import { countTasks } from "./standing.ts";

/**
 * Counts a job's tasks and says how it goes on: with the merge or the end, with another round for what is unfinished (after a redrive also
 * for what failed), or with a failure that a redrive brings back here.
 */
export const settleJob = Effect.fn("settleJob")(function* ({ job: { jobId }, redriveCount, deadline }: SettleInput) {
  const ledger = yield* Ledger;
  const { job, plan, application } = yield* jobToSettle(jobId);
  const counts = yield* countTasks(job);
  const { succeeded, failed, unfinished } = counts;
  if (succeeded + failed + unfinished !== plan.total) {
    return yield* new BrokenRecord({
      message: `job ${jobId} has ${plan.total} tasks by its plan, but ${succeeded + failed + unfinished} in its index ${plan.chunksKey}`,
    });
  }
  yield* ledger.setCounts(jobId, { succeeded, failed });
  const decision = decide({
    total: plan.total,
    ...counts,
    tolerate: application.tolerate,
    failFast: application.failFast,
    redriveCount,
    failedAtRedrive: job.failedAtRedrive,
    settled: job.settled,
    now: yield* Clock.currentTimeMillis,
    deadline,
  });
  yield* Effect.logInfo("settled", { total: plan.total, ...counts, next: decision.next });
  const settlement = { job, plan, application, redriveCount, counts: { total: plan.total, ...counts } };
  return yield* goOn(settlement, decision);
});

interface Settlement {
  readonly job: JobRecord;
  readonly plan: Plan;
  readonly application: ApplicationDefinition;
  readonly redriveCount: number;
  readonly counts: FailedCounts & { readonly succeeded: number };
}

const jobToSettle = Effect.fnUntraced(function* (jobId: string) {
  const ledger = yield* Ledger;
  const { applications } = yield* Definition;
  const job = Option.getOrUndefined(yield* ledger.getJob(jobId));
  if (job?.plan === undefined) {
    return yield* new BrokenRecord({ message: `job ${jobId} has no plan in the ledger` });
  }
  const application = applications[job.application];
  if (application === undefined) {
    return yield* new BrokenRecord({
      message: `job ${jobId}: this grid has no application ${job.application} any more`,
    });
  }
  return { job, plan: job.plan, application };
});

const goOn = Effect.fnUntraced(function* (settlement: Settlement, decision: Decision) {
  const { job, redriveCount, application, counts } = settlement;
  switch (decision.next) {
    case "done":
      return yield* finish(settlement);
    case "round":
      return yield* nextRound(settlement, decision);
    case "tasksFailed":
      return yield* fail(job, redriveCount, yield* tasksFailed(job, counts, redriveCount, application.tolerate));
    case "deadlineExceeded":
      return yield* fail(job, redriveCount, deadlineExceeded(job, counts));
    case "tasksLost":
      return yield* fail(job, redriveCount, tasksLost(job, counts));
  }
});

const finish = Effect.fnUntraced(function* ({ job, plan, application, counts }: Settlement) {
  const ledger = yield* Ledger;
  yield* writeManifest(job, plan.total, counts);
  if (application.merge === undefined) return { next: "conclude" } satisfies SettleOutput;
  yield* ledger.setState(job.jobId, "MERGING");
  return { next: "merge" } satisfies SettleOutput;
});

const nextRound = Effect.fnUntraced(function* (
  { job, plan, redriveCount }: Settlement,
  { retriesFailed, settled }: Extract<Decision, { next: "round" }>,
) {
  const ledger = yield* Ledger;
  const round = yield* planRound(job, plan, retriesFailed);
  yield* ledger.claimRound(job.jobId, round, settled, retriesFailed ? redriveCount : undefined);
  yield* Effect.logInfo("another round", { round: round.round, chunks: round.chunks, retriesFailed });
  return { next: "fanOut", plan: round } satisfies SettleOutput;
});

/** Stores at which redrive the job failed, so that the next one runs its failed tasks again. */
const fail = Effect.fnUntraced(function* <E>(job: JobRecord, redriveCount: number, error: E) {
  const ledger = yield* Ledger;
  yield* ledger.setFailedAtRedrive(job.jobId, redriveCount);
  return yield* Effect.fail(error);
});
