import type { JobFailed, JobSucceeded } from "#grid/events.ts";
import type { JobRecord } from "#grid/job.ts";
import type { JobFailure, JobSuccess } from "#grid/ledger.ts";

const about = (job: JobRecord) => ({
  jobId: job.jobId,
  application: job.application,
  executionArn: job.executionArn,
  tags: job.tags,
  tasks: { total: job.plan?.total ?? null, succeeded: job.succeeded, failed: job.failed },
  submittedAt: job.submittedAt,
  ...(job.startedAt !== undefined && { startedAt: job.startedAt }),
});

/** Detail of `Grid Job Succeeded`, and the output of the job's execution. */
export const successDetail = (job: JobRecord, { finishedAt, resultUri }: JobSuccess): typeof JobSucceeded.Type => ({
  ...about(job),
  finishedAt,
  resultUri,
});

/** Detail of `Grid Job Failed` and `Grid Job Cancelled`. */
export const failureDetail = (job: JobRecord, { finishedAt, error }: JobFailure): typeof JobFailed.Type => ({
  ...about(job),
  finishedAt,
  error,
});
