import { Schema } from "effect";
import { JobError, JobId } from "./job.ts";
import { PRIORITIES } from "./names.ts";

/** Every event that the grid takes from its bus or puts on it. Source of those it puts: `burstgrid`. */

export const EVENT_SOURCE = "burstgrid";

export const DETAIL_TYPES = {
  requested: "Grid Job Requested",
  started: "Grid Job Started",
  progressed: "Grid Job Progressed",
  succeeded: "Grid Job Succeeded",
  failed: "Grid Job Failed",
  cancelled: "Grid Job Cancelled",
} as const;

const S3Uri = Schema.String.check(
  Schema.isPattern(/^s3:\/\/[a-z0-9.-]+\/.+$/u, { message: "expected an S3 URI such as s3://bucket/key" }),
);

/** Detail of `Grid Job Requested`. `input` or `inputUri`; `tasks` or `tasksUri`; inline tasks and input together at most 128 KiB. */
export const JobRequest = Schema.Struct({
  application: Schema.NonEmptyString,
  /** Idempotency key. Default `<application>-<event id>`. */
  jobId: Schema.optionalKey(JobId),
  input: Schema.optionalKey(Schema.Json),
  inputUri: Schema.optionalKey(S3Uri),
  /** Tasks that the job brings: they take the place of the split. */
  tasks: Schema.optionalKey(Schema.Array(Schema.Json)),
  /** JSONL, a task a line. */
  tasksUri: Schema.optionalKey(S3Uri),
  priority: Schema.optionalKey(Schema.Literals(PRIORITIES)),
  tags: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** In place of the application's deadline. */
  deadlineSeconds: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0))),
}).check(
  Schema.makeFilter(
    (job) => job.input === undefined || job.inputUri === undefined || "expected `input` or `inputUri`, not both",
  ),
  Schema.makeFilter(
    (job) => job.tasks === undefined || job.tasksUri === undefined || "expected `tasks` or `tasksUri`, not both",
  ),
);
export type JobRequest = typeof JobRequest.Type;

/** An event as EventBridge hands it to a target. Those who put events set source, detail-type, detail, and perhaps resources. */
export const BusEvent = Schema.Struct({
  version: Schema.optionalKey(Schema.String),
  id: Schema.String,
  account: Schema.optionalKey(Schema.String),
  region: Schema.optionalKey(Schema.String),
  resources: Schema.optionalKey(Schema.Array(Schema.String)),
  source: Schema.String,
  "detail-type": Schema.String,
  time: Schema.String,
  detail: Schema.Json,
});
export type BusEvent = typeof BusEvent.Type;

const Counts = Schema.Struct({ total: Schema.NullOr(Schema.Int), succeeded: Schema.Int, failed: Schema.Int });

const about = {
  jobId: Schema.String,
  application: Schema.String,
  executionArn: Schema.String,
  tags: Schema.Record(Schema.String, Schema.String),
};

export const JobStarted = Schema.Struct({ ...about, submittedAt: Schema.String, startedAt: Schema.String });
export const JobProgressed = Schema.Struct({ ...about, tasks: Counts });
const ended = {
  ...about,
  tasks: Counts,
  submittedAt: Schema.String,
  startedAt: Schema.optionalKey(Schema.String),
  finishedAt: Schema.String,
};
export const JobSucceeded = Schema.Struct({ ...ended, resultUri: Schema.String });
export const JobFailed = Schema.Struct({ ...ended, error: JobError });
export const JobCancelled = Schema.Struct({ ...ended, error: JobError });
