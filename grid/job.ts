import { Schema } from "effect";
import { Plan } from "./chunk.ts";
import { PRIORITIES } from "./names.ts";

export const JOB_STATES = ["PENDING", "SPLITTING", "RUNNING", "MERGING", "SUCCEEDED", "FAILED", "CANCELLED"] as const;
export type JobState = (typeof JOB_STATES)[number];
export const isFinal = (state: JobState) => state === "SUCCEEDED" || state === "FAILED" || state === "CANCELLED";

export const JobId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/u, {
    message: "expected 1 to 128 letters, digits, dots, hyphens and underscores, a letter or digit first",
  }),
);

export const JobError = Schema.Struct({ type: Schema.String, message: Schema.String });
export type JobError = typeof JobError.Type;

/** A job in the ledger: what `burstgrid status` shows, and what the flow keeps about it. */
export const JobRecord = Schema.Struct({
  jobId: Schema.String,
  application: Schema.String,
  state: Schema.Literals(JOB_STATES),
  priority: Schema.Literals(PRIORITIES),
  executionArn: Schema.String,
  /** ISO 8601: when the event was published; when Accept took it; when it ended. */
  submittedAt: Schema.String,
  startedAt: Schema.optionalKey(Schema.String),
  finishedAt: Schema.optionalKey(Schema.String),
  tags: Schema.Record(Schema.String, Schema.String),
  deadlineSeconds: Schema.Finite,
  /** Object with the job's input, and with the tasks that it brought, as s3:// URIs. */
  inputUri: Schema.optionalKey(Schema.String),
  tasksUri: Schema.optionalKey(Schema.String),
  /** Counts while it runs are those of Collect; Settle sets the exact ones. */
  succeeded: Schema.Int,
  failed: Schema.Int,
  /** Wall time and number of the task attempts that Collect has seen. */
  taskMilliseconds: Schema.Finite,
  taskCount: Schema.Int,
  /** What the split (or Accept) claimed; round 0. */
  plan: Schema.optionalKey(Plan),
  /** Plans of the further rounds, by their number. */
  rounds: Schema.Array(Plan),
  /** RedriveCount at which Settle last failed the job, or began to run its failed tasks again. */
  failedAtRedrive: Schema.optionalKey(Schema.Int),
  /** Tasks that were finished when Settle last sent the job to Fan out, and how often in a row it sent it there with just as many. */
  settled: Schema.optionalKey(Schema.Struct({ redrive: Schema.Int, finished: Schema.Int, times: Schema.Int })),
  resultUri: Schema.optionalKey(Schema.String),
  /** Merge claimed by a pod: where its result lies. */
  merged: Schema.optionalKey(Schema.Struct({ key: Schema.String, bytes: Schema.Int })),
  error: Schema.optionalKey(JobError),
  progressedAt: Schema.optionalKey(Schema.String),
  /** The end that was last recorded, and whether its event was published. */
  concluded: Schema.optionalKey(Schema.Struct({ redrive: Schema.Int, published: Schema.Boolean })),
});
export type JobRecord = typeof JobRecord.Type;

/** The id of the job that an event asks for: the producer's own, else `<application>-<event id>`. */
export const jobIdOf = (application: string, eventId: string, given: string | undefined) =>
  given ?? `${application}-${eventId}`;
