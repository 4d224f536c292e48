import { Schema } from "effect";
import { Chunk, Plan } from "#grid/chunk.ts";
import { BusEvent } from "#grid/events.ts";
import { COMPLETION_LANES, PRIORITIES } from "#grid/names.ts";

/** What enters and leaves each state of grid-job.asl.json, in the order of its states. */

export const AcceptInput = Schema.Struct({
  event: BusEvent,
  executionArn: Schema.String,
  /** ISO 8601. */
  startTime: Schema.String,
});
export type AcceptInput = typeof AcceptInput.Type;

/** The job as the states carry it: the variable `$job`. */
export const StateJob = Schema.Struct({
  /** `prepare`: a master splits or indexes. `ready`: Accept claimed the plan itself. */
  next: Schema.Literals(["prepare", "ready"]),
  jobId: Schema.String,
  application: Schema.String,
  pool: Schema.String,
  priority: Schema.Literals(PRIORITIES),
  /** What the next master pod of this job does. */
  phase: Schema.Literals(["split", "index", "merge"]),
  deadlineSeconds: Schema.Finite,
  /** Chunks dispatched at a time. */
  maxConcurrency: Schema.Int,
  failFast: Schema.Boolean,
});
export type StateJob = typeof StateJob.Type;

/** A second delivery of an event ends with this as the execution's output. */
export const Duplicate = Schema.Struct({
  next: Schema.Literal("duplicate"),
  jobId: Schema.String,
  /** Of the execution that has the job. */
  executionArn: Schema.String,
});

export const AcceptOutput = Schema.Union([StateJob, Duplicate]);
export type AcceptOutput = typeof AcceptOutput.Type;

/**
 * Where the cluster's API is private, Split and Merge pass the Kubernetes Job, which is sent on whole, to the launcher (stacks/private-launch.ts).
 */
export const LaunchInput = Schema.Struct({
  job: Schema.StructWithRest(
    Schema.Struct({
      metadata: Schema.StructWithRest(
        Schema.Struct({
          name: Schema.String,
          annotations: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
        }),
        [Schema.Record(Schema.String, Schema.Json)],
      ),
    }),
    [Schema.Record(Schema.String, Schema.Json)],
  ),
  executionArn: Schema.String,
  token: Schema.String,
});
export type LaunchInput = typeof LaunchInput.Type;

/** From the launcher's clock. */
export const WatchInput = Schema.Struct({ watch: Schema.Literal(true) });

export const DispatchInput = Schema.Struct({
  job: StateJob,
  chunk: Chunk,
  tasksKey: Schema.String,
  lane: Schema.Literals(COMPLETION_LANES),
  epoch: Schema.Int,
  /** Epoch milliseconds. */
  deadline: Schema.Int,
  token: Schema.String,
});
export type DispatchInput = typeof DispatchInput.Type;

/** What Collect sends with a chunk's token. */
export const DispatchOutput = Schema.Struct({ chunk: Schema.String, succeeded: Schema.Int, failed: Schema.Int });

export const SettleInput = Schema.Struct({
  job: StateJob,
  redriveCount: Schema.Int,
  /** Epoch milliseconds. */
  deadline: Schema.Int,
});
export type SettleInput = typeof SettleInput.Type;

export const SettleOutput = Schema.Struct({
  next: Schema.Literals(["fanOut", "merge", "conclude"]),
  /** Of the round to fan out. */
  plan: Schema.optionalKey(Plan),
});
export type SettleOutput = typeof SettleOutput.Type;

/** From the state machine for a job that succeeded … */
export const ConcludeInput = Schema.Struct({ jobId: Schema.String, redriveCount: Schema.Int });

/** … and from the rule on status changes for the others, and for redrives (Step Functions developer guide, "Events"). */
export const StatusChangeEvent = Schema.Struct({
  source: Schema.Literal("aws.states"),
  detail: Schema.Struct({
    executionArn: Schema.String,
    status: Schema.Literals(["FAILED", "TIMED_OUT", "ABORTED", "RUNNING"]),
    /** Milliseconds since 1970. */
    stopDate: Schema.NullOr(Schema.Finite),
    /** Left out above 248 KiB. */
    input: Schema.optionalKey(Schema.NullOr(Schema.String)),
    error: Schema.optionalKey(Schema.NullOr(Schema.String)),
    cause: Schema.optionalKey(Schema.NullOr(Schema.String)),
    redriveCount: Schema.optionalKey(Schema.NullOr(Schema.Int)),
  }),
});
export type StatusChangeEvent = typeof StatusChangeEvent.Type;

/** What a master sends with its token when it is done. The plan and the merge are read from the ledger, not from here. */
export const MasterOutput = Schema.Struct({ jobId: Schema.String, phase: Schema.String });
