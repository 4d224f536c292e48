import { Clock, Effect } from "effect";
import { GridBus } from "#grid/bus.ts";
import { DETAIL_TYPES } from "#grid/events.ts";
import { isFinal, type JobRecord } from "#grid/job.ts";
import { Ledger } from "#grid/ledger.ts";
import type { OutcomeCounts } from "#grid/outcomes.ts";
import { recordTaskTimes } from "../task-time.ts";
import type { JobCompletion } from "./completions.ts";

/** Least time between two `Grid Job Progressed` of a job, and before the first. */
const PROGRESS_MILLISECONDS = 10_000;

/** Adds to a job's live counts, and now and then tells of them. */
export const reportProgress = Effect.fnUntraced(function* (completion: JobCompletion, change: OutcomeCounts) {
  const { jobId, taskMilliseconds, taskCount } = completion;
  const ledger = yield* Ledger;
  const job = yield* ledger.addProgress(jobId, { ...change, taskMilliseconds, taskCount });
  const now = yield* Clock.currentTimeMillis;
  if (!isProgressDue(job, now)) return;
  if (!(yield* ledger.claimProgressEvent(jobId, new Date(now), new Date(now - PROGRESS_MILLISECONDS)))) return;
  const bus = yield* GridBus;
  const { application, executionArn, tags, succeeded, failed, plan } = job;
  yield* bus.publish(DETAIL_TYPES.progressed, {
    jobId,
    application,
    executionArn,
    tags,
    tasks: { total: plan?.total ?? null, succeeded, failed },
  });
  yield* recordTaskTimes(job);
});

/** Whether the last event, or the start, is long enough ago. */
const isProgressDue = ({ state, progressedAt, startedAt, submittedAt }: JobRecord, now: number): boolean =>
  !isFinal(state) && now - Date.parse(progressedAt ?? startedAt ?? submittedAt) >= PROGRESS_MILLISECONDS;
