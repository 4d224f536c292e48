import { Clock, Effect, Option } from "effect";
import { GridBus } from "#grid/bus.ts";
import { Definition } from "#grid/definition-file.ts";
import { DETAIL_TYPES } from "#grid/events.ts";
import type { JobRecord } from "#grid/job.ts";
import { found } from "#grid/ledger/found.ts";
import { type JobEnd, type JobSuccess, Ledger } from "#grid/ledger.ts";
import type { Metric } from "#grid/metrics.ts";
import { jobKeys } from "#grid/names.ts";
import { Objects } from "#grid/objects.ts";
import type { ConcludeInput, StatusChangeEvent } from "#state-machines/payloads.ts";
import { wantedJobs } from "../job-request.ts";
import { recordApplicationMetrics } from "../metrics.ts";
import { recordTaskTimes } from "../task-time.ts";
import { failureDetail, successDetail } from "./end-detail.ts";
import { errorOf, readStatusChange, type StatusChange } from "./status-change.ts";

/** The end of a job whose execution reached its last state. Returns the detail that is published. */
export const concludeSuccess = Effect.fn("concludeSuccess")(function* ({
  jobId,
  redriveCount,
}: typeof ConcludeInput.Type) {
  const ledger = yield* Ledger;
  const objects = yield* Objects;
  const { merged } = yield* ledger.getJob(jobId).pipe(found(`job ${jobId}`));
  const end: JobSuccess = {
    state: "SUCCEEDED",
    redrive: redriveCount,
    finishedAt: new Date(yield* Clock.currentTimeMillis).toISOString(),
    resultUri: objects.uri(merged?.key ?? jobKeys.manifest(jobId)),
  };
  return successDetail(yield* conclude(jobId, end), end);
});

/**
 * The end of a job whose execution failed, timed out or was stopped; a redriven one makes its job run again. Other executions and duplicates
 * have no job of their own: nothing.
 */
export const concludeStatusChange = Effect.fn("concludeStatusChange")(function* (event: StatusChangeEvent) {
  const change = yield* readStatusChange(event);
  const job = yield* jobOfExecution(change);
  if (job === undefined) {
    yield* Effect.logInfo("no job has this execution");
    return;
  }
  const { status, redrive, stoppedAt } = change;
  if (status === "RUNNING") {
    const ledger = yield* Ledger;
    yield* ledger.reopenJob(job.jobId, redrive, job.plan === undefined ? "SPLITTING" : "RUNNING");
    return;
  }
  yield* conclude(job.jobId, {
    state: status === "ABORTED" ? "CANCELLED" : "FAILED",
    redrive,
    finishedAt: new Date(stoppedAt ?? (yield* Clock.currentTimeMillis)).toISOString(),
    error: errorOf(status, change),
  });
});

/** The job that an execution took when it was started: of those that its event asks for the one whose record names it. */
const jobOfExecution = Effect.fnUntraced(function* ({ event, executionArn }: StatusChange) {
  if (event === undefined) return undefined;
  const ledger = yield* Ledger;
  for (const { jobId } of wantedJobs(event, yield* Definition)) {
    const job = Option.getOrUndefined(yield* ledger.getJob(jobId));
    if (job?.executionArn === executionArn) return job;
  }
  return undefined;
});

/** Records and publishes an end, once for each redrive; when it was recorded before, publishes only what was not published. */
const conclude = Effect.fnUntraced(
  function* (jobId: string, end: JobEnd) {
    const ledger = yield* Ledger;
    const { job, first, unpublished } = yield* ledger.recordEnd(jobId, end);
    if (first) {
      yield* recordTaskTimes(job);
      yield* recordApplicationMetrics(job.application, jobId, {
        [END_METRICS[end.state]]: [1],
        jobTime: [(Date.parse(end.finishedAt) - Date.parse(job.submittedAt)) / 1000],
      });
    }
    if (unpublished) {
      yield* publishEnd(job, end);
      yield* ledger.markPublished(jobId, end.redrive);
    }
    yield* Effect.logInfo("concluded", { state: job.state, first, published: unpublished });
    return job;
  },
  (effect, jobId) => effect.pipe(Effect.annotateLogs({ job: jobId })),
);

const END_METRICS = {
  SUCCEEDED: "jobsSucceeded",
  FAILED: "jobsFailed",
  CANCELLED: "jobsCancelled",
} as const satisfies Record<JobEnd["state"], Metric>;

const publishEnd = Effect.fnUntraced(function* (job: JobRecord, end: JobEnd) {
  const bus = yield* GridBus;
  switch (end.state) {
    case "SUCCEEDED":
      return yield* bus.publish(DETAIL_TYPES.succeeded, successDetail(job, end));
    case "FAILED":
      return yield* bus.publish(DETAIL_TYPES.failed, failureDetail(job, end));
    case "CANCELLED":
      return yield* bus.publish(DETAIL_TYPES.cancelled, failureDetail(job, end));
  }
});
