import { Schema } from "effect";

/**
 * Errors that cross a process boundary. The tag is a contract: it is the `errorType` that a Lambda reports, the error that the state
 * machine's execution ends with, and what events, ledger and CLI show as `error.type`.
 */

/** A request whose detail does not fit, or that names an application which the grid does not have. */
export class BadRequest extends Schema.TaggedError<BadRequest>()("Grid.BadRequest", { message: Schema.String }) {}

/** More tasks failed than the application tolerates. */
export class TasksFailed extends Schema.TaggedError<TasksFailed>()("Grid.TasksFailed", { message: Schema.String }) {}

/** The job's deadline passed before all its tasks had an outcome. */
export class DeadlineExceeded extends Schema.TaggedError<DeadlineExceeded>()("Grid.DeadlineExceeded", {
  message: Schema.String,
}) {}

/** Chunks stayed without an outcome though they were sent again and again. */
export class TasksLost extends Schema.TaggedError<TasksLost>()("Grid.TasksLost", { message: Schema.String }) {}

/** Something in the ledger or the bucket is not there, or is not what the flow wrote. */
export class BrokenRecord extends Schema.TaggedError<BrokenRecord>()("Grid.BrokenRecord", { message: Schema.String }) {}

/** Names of errors that a master reports to the state that started it. */
export const MASTER_ERRORS = { split: "Grid.SplitFailed", index: "Grid.BadTasks", merge: "Grid.MergeFailed" } as const;
