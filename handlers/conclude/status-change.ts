import { Effect, Option, Schema } from "effect";
import { BusEvent } from "#grid/events.ts";
import type { JobError } from "#grid/job.ts";
import { StepFunctions } from "#grid/step-functions.ts";
import type { StatusChangeEvent } from "#state-machines/payloads.ts";

type Status = StatusChangeEvent["detail"]["status"];
type EndedStatus = Exclude<Status, "RUNNING">;

/** What became of an execution. */
export interface StatusChange {
  readonly executionArn: string;
  readonly status: Status;
  readonly redrive: number;
  /** Milliseconds since 1970; none while it runs. */
  readonly stoppedAt: number | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** What started it; none for an execution that was started with something else. */
  readonly event: BusEvent | undefined;
}

const decodeEvent = Schema.decodeUnknownOption(Schema.fromJsonString(BusEvent));

/** Reads a status change; what it leaves out, as it does above 248 KiB, is asked of Step Functions. */
export const readStatusChange = Effect.fn("readStatusChange")(function* ({ detail }: StatusChangeEvent) {
  const states = yield* StepFunctions;
  const { executionArn, status } = detail;
  const lacks = !detail.input || (status === "FAILED" && (!detail.error || !detail.cause));
  const described = lacks ? yield* states.describeExecution(executionArn) : undefined;
  return {
    executionArn,
    status,
    redrive: detail.redriveCount ?? described?.redriveCount ?? 0,
    stoppedAt: detail.stopDate ?? described?.stopDate?.getTime(),
    error: detail.error ?? described?.error,
    cause: detail.cause ?? described?.cause,
    event: Option.getOrUndefined(decodeEvent(detail.input ?? described?.input ?? "")),
  } satisfies StatusChange;
});

/** The errors of executions that end without one of their own. */
const DEFAULT_ERRORS: Readonly<Record<EndedStatus, JobError>> = {
  FAILED: { type: "States.TaskFailed", message: "the execution failed without a cause" },
  TIMED_OUT: { type: "States.Timeout", message: "the execution took longer than its state machine allows" },
  ABORTED: { type: "Grid.Cancelled", message: "the execution was stopped" },
};

/** A cause may have 32,768 characters; of those the job's error keeps so many, for a person to read. */
const MAX_MESSAGE = 4096;

/** What a user reads as the job's error. */
export function errorOf(status: EndedStatus, { error, cause }: Pick<StatusChange, "error" | "cause">): JobError {
  const { type, message } = DEFAULT_ERRORS[status];
  const text = messageIn(cause) ?? message;
  return {
    type: error || type,
    message: text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text,
  };
}

const LambdaCause = Schema.fromJsonString(Schema.Struct({ errorMessage: Schema.String }));
const decodeLambdaCause = Schema.decodeUnknownOption(LambdaCause);

/** A Lambda's cause is JSON around the message of what it threw; others are text. */
const messageIn = (cause: string | undefined): string | undefined => {
  if (!cause) return undefined;
  return Option.match(decodeLambdaCause(cause), { onNone: () => cause, onSome: ({ errorMessage }) => errorMessage });
};
