import { Effect, Option, Schema } from "effect";
import { BusEvent } from "#grid/events.ts";
import type { JobError } from "#grid/job.ts";
import { StepFunctions } from "#grid/step-functions.ts";
import type { StatusChangeEvent } from "#state-machines/payloads.ts";

/** How an execution ended that did not succeed. */
export interface EndedExecution {
  readonly executionArn: string;
  readonly redrive: number;
  readonly state: "FAILED" | "CANCELLED";
  /** Milliseconds since 1970; none when the event does not say. */
  readonly stoppedAt: number | undefined;
  readonly error: JobError;
  /** What started it; none for an execution that was started with something else. */
  readonly event: BusEvent | undefined;
}

const decodeEvent = Schema.decodeUnknownOption(Schema.fromJsonString(BusEvent));

/** Reads a status change; what it leaves out, as it does above 248 KiB, is asked of Step Functions. */
export const endedExecution = Effect.fn("endedExecution")(function* ({ detail }: StatusChangeEvent) {
  const states = yield* StepFunctions;
  const lacks = !detail.input || (detail.status === "FAILED" && (!detail.error || !detail.cause));
  const described = lacks ? yield* states.describeExecution(detail.executionArn) : undefined;
  const error = detail.error ?? described?.error;
  const cause = detail.cause ?? described?.cause;
  return {
    executionArn: detail.executionArn,
    redrive: detail.redriveCount ?? described?.redriveCount ?? 0,
    state: detail.status === "ABORTED" ? "CANCELLED" : "FAILED",
    stoppedAt: detail.stopDate ?? described?.stopDate?.getTime(),
    error: errorOf(detail.status, error, cause),
    event: Option.getOrUndefined(decodeEvent(detail.input ?? described?.input ?? "")),
  } satisfies EndedExecution;
});

type Status = StatusChangeEvent["detail"]["status"];

/** Error names of Step Functions' own, for executions that end without one. */
const DEFAULT_ERRORS: Readonly<Record<Status, JobError>> = {
  FAILED: { type: "States.TaskFailed", message: "the execution failed without a cause" },
  TIMED_OUT: { type: "States.Timeout", message: "the execution took longer than its state machine allows" },
  ABORTED: { type: "Grid.Cancelled", message: "the execution was stopped" },
};

/** A cause may have 32,768 characters; the job's error keeps so many, for an event and a ledger item hold more than that. */
const MAX_MESSAGE = 4096;

/** What a user reads as the job's error. */
export function errorOf(status: Status, error: string | null | undefined, cause: string | null | undefined): JobError {
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
const messageIn = (cause: string | null | undefined): string | undefined => {
  if (!cause) return undefined;
  return Option.match(decodeLambdaCause(cause), { onNone: () => cause, onSome: ({ errorMessage }) => errorMessage });
};
