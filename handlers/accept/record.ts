import type { BusEvent } from "#grid/events.ts";
import type { JobRecord } from "#grid/job.ts";
import { jobKeys } from "#grid/names.ts";
import { isServable, type WantedJob } from "../job-request.ts";

interface Start {
  readonly event: BusEvent;
  readonly executionArn: string;
  /** ISO 8601. */
  readonly startTime: string;
}

/** A job as it is first recorded: SPLITTING, or PENDING for one that is refused and that Conclude turns FAILED. */
export function recordOf(
  { jobId, application, request }: WantedJob,
  { event, executionArn, startTime }: Start,
  uriOf: (key: string) => string,
): JobRecord {
  const record = {
    jobId,
    application,
    executionArn,
    submittedAt: event.time,
    succeeded: 0,
    failed: 0,
    taskMilliseconds: 0,
    taskCount: 0,
    rounds: [],
  } as const;
  if (!isServable(request)) {
    return { ...record, state: "PENDING", priority: "normal", tags: {}, deadlineSeconds: 0 };
  }
  const { definition, job } = request;
  const inputUri = job.input === undefined ? job.inputUri : uriOf(jobKeys.input(jobId));
  const tasksUri = job.tasks === undefined ? job.tasksUri : uriOf(jobKeys.inlineTasks(jobId));
  return {
    ...record,
    state: "SPLITTING",
    priority: job.priority ?? "normal",
    startedAt: startTime,
    tags: job.tags ?? {},
    deadlineSeconds: job.deadlineSeconds ?? definition.deadlineSeconds,
    ...(inputUri !== undefined && { inputUri }),
    ...(tasksUri !== undefined && { tasksUri }),
  };
}
