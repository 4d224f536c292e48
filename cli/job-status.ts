import type { JobError, JobRecord, JobState } from "#grid/job.ts";
import { count, duration } from "./text.ts";

/** A job as `status --json` prints it. Times in ISO 8601; null for what is not known yet. */
export interface JobStatus {
  readonly jobId: string;
  readonly application: string;
  readonly state: JobState;
  readonly tasks: { readonly total: number | null; readonly succeeded: number; readonly failed: number };
  readonly submittedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly executionArn: string;
  readonly resultUri: string | null;
  readonly error: JobError | null;
}

export const statusOf = (job: JobRecord): JobStatus => ({
  jobId: job.jobId,
  application: job.application,
  state: job.state,
  tasks: { total: job.plan?.total ?? null, succeeded: job.succeeded, failed: job.failed },
  submittedAt: job.submittedAt,
  startedAt: job.startedAt ?? null,
  finishedAt: job.finishedAt ?? null,
  executionArn: job.executionArn,
  resultUri: job.resultUri ?? null,
  error: job.error ?? null,
});

/** How long it took, or takes at `now` (epoch milliseconds), in seconds; from its submission until Accept has taken it. */
export const secondsOf = (status: JobStatus, now: number): number => {
  const end = status.finishedAt === null ? now : Date.parse(status.finishedAt);
  return Math.max(0, (end - Date.parse(status.startedAt ?? status.submittedAt)) / 1000);
};

/** For people: a line a fact, those that are not known left out. */
export function describeStatus(status: JobStatus, now: number): string {
  const { tasks } = status;
  const ended = status.finishedAt !== null;
  const facts: readonly (readonly [string, string | null])[] = [
    ["job", status.jobId],
    ["application", status.application],
    ["state", status.state],
    [
      "tasks",
      tasks.total === null
        ? null
        : `${count(tasks.total)}: ${count(tasks.succeeded)} succeeded, ${count(tasks.failed)} failed`,
    ],
    ["submitted", status.submittedAt],
    ["started", status.startedAt],
    ["finished", status.finishedAt],
    [ended ? "took" : "so far", duration(secondsOf(status, now))],
    ["execution", status.executionArn],
    ["result", status.resultUri],
    ["error", status.error && `${status.error.type}: ${status.error.message}`],
  ];
  return facts
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${`${name}:`.padEnd(13)}${value}\n`)
    .join("");
}
