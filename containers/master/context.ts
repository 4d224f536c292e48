import type { JobRecord } from "#grid/job.ts";
import type { Logger } from "../log.ts";

/** What a `split` or `merge` module is given beside its input. */
export interface JobContext {
  readonly jobId: string;
  readonly application: string;
  /** Aborted when the pod is told to end. */
  readonly signal: AbortSignal;
  /** The job's folder on the shared file system. */
  readonly shared: string;
  readonly logger: Logger;
  /** When the job's time is over. */
  readonly deadline: Date;
}

/**
 * A job's time is counted from its start, or from its redrive, which is not on record: a deadline that has passed means that the job
 * was redriven a moment ago.
 */
export function deadlineOf({ startedAt, submittedAt, deadlineSeconds }: JobRecord, now: number): Date {
  const fromStart = Date.parse(startedAt ?? submittedAt) + deadlineSeconds * 1000;
  return new Date(fromStart > now ? fromStart : now + deadlineSeconds * 1000);
}
