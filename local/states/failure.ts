/** A failed state, by the error name that Retry and Catch look at. */
export class StateFailure extends Error {
  /** E.g. `States.Timeout`; undefined when SendTaskFailure named none. */
  readonly error: string | undefined;
  /** Human-readable; for a failed function or job, JSON. At most 32,768 characters, as on AWS. */
  readonly reason: string | undefined;

  constructor(error: string | undefined, reason?: string) {
    super(reason === undefined ? (error ?? "a task failed without an error name") : `${error}: ${reason}`);
    this.name = "StateFailure";
    this.error = error;
    this.reason = reason?.slice(0, MAX_CAUSE_LENGTH);
  }
}

/** Length of a cause [SendTaskFailure API]. */
export const MAX_CAUSE_LENGTH = 32_768;

/** Length of an error name [SendTaskFailure API]. */
export const MAX_ERROR_LENGTH = 256;

/** An expression that could not be evaluated, or gave nothing; `location` is the field, e.g. `Arguments/Payload`. */
export class EvaluationFailure extends StateFailure {
  readonly location: string;

  constructor(location: string, reason: string) {
    super("States.QueryEvaluationError", reason);
    this.name = "EvaluationFailure";
    this.location = location;
  }

  /** The same failure, saying which state it happened in, in the words AWS uses. */
  in(state: string, enteredEventId: number): EvaluationFailure {
    const where = `An error occurred while executing the state '${state}' (entered at the event id #${enteredEventId}).`;
    return new EvaluationFailure(this.location, `${where} ${this.reason}`);
  }
}

/** Errors no wildcard matches [Step Functions guide, concepts-error-handling]. */
const TERMINAL = new Set(["States.DataLimitExceeded", "States.Runtime"]);

const TIMEOUTS = new Set(["States.Timeout", "States.HeartbeatTimeout"]);

/**
 * Whether an `ErrorEquals` list matches an error. `States.ALL` matches all but the terminal errors,
 * `States.TaskFailed` all but those and the timeouts, `States.Timeout` a missed heartbeat too.
 */
export const matchesError = (errorEquals: readonly string[], error: string | undefined): boolean =>
  errorEquals.some((name) => {
    if (name === error) return true;
    if (error !== undefined && TERMINAL.has(error)) return false;
    if (name === "States.ALL") return true;
    if (name === "States.TaskFailed") return error === undefined || !TIMEOUTS.has(error);
    return name === "States.Timeout" && error === "States.HeartbeatTimeout";
  });
