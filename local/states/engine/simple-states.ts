import { EvaluationFailure, StateFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import type { ChoiceState, FailState, PassState, SucceedState, WaitState } from "../language/types.ts";
import type { Exit, StateVisit } from "./visit.ts";

export const runPass = (visit: StateVisit<PassState>): Promise<Exit> =>
  visit.leave({ output: visit.input, next: visit.state.Next, fields: visit.state });

export const runSucceed = (visit: StateVisit<SucceedState>): Promise<Exit> =>
  visit.leave({ output: visit.input, next: undefined, fields: visit.state });

/** The first rule whose condition holds gives Next, Output and Assign; with none, the state itself does. */
export const runChoice = async (visit: StateVisit<ChoiceState>): Promise<Exit> => {
  const { Choices, Default } = visit.state;
  for (const [index, rule] of Choices.entries()) {
    const holds = await visit.evaluateTo(`Choices[${index}]/Condition`, rule.Condition, BOOLEAN);
    if (holds) return visit.leave({ output: visit.input, next: rule.Next, fields: rule });
  }
  if (Default === undefined) {
    throw new StateFailure(
      "States.NoChoiceMatched",
      `No Choice rule of the state '${visit.name}' matched, and it has no Default.`,
    );
  }
  return visit.leave({ output: visit.input, next: Default, fields: visit.state });
};

export const runWait = async (visit: StateVisit<WaitState>): Promise<Exit> => {
  const { Seconds, Timestamp, Next } = visit.state;
  const milliseconds =
    Seconds === undefined
      ? timeOf(await visit.evaluateTo("Timestamp", Timestamp ?? "", STRING)) - Date.now()
      : (await visit.number("Seconds", Seconds)) * 1000;
  await visit.cancellation.sleep(milliseconds);
  return visit.leave({ output: visit.input, next: Next, fields: visit.state });
};

/** @throws EvaluationFailure when it is no ISO 8601 time with an offset. */
const timeOf = (timestamp: string): number => {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(timestamp)
    ? Date.parse(timestamp)
    : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new EvaluationFailure(
    "Timestamp",
    `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${timestamp}`,
  );
};

export const runFail = async (visit: StateVisit<FailState>): Promise<never> => {
  const { Error: error, Cause: cause } = visit.state;
  throw new StateFailure(
    error === undefined ? undefined : await visit.evaluateTo("Error", error, STRING),
    cause === undefined ? undefined : await visit.evaluateTo("Cause", cause, STRING),
  );
};

const BOOLEAN = { kind: "boolean", is: (value: Json): value is boolean => typeof value === "boolean" };

const STRING = { kind: "string", is: (value: Json): value is string => typeof value === "string" };
