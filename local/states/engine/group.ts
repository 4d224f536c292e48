import { EvaluationFailure, StateFailure } from "../failure.ts";
import { copyOf, type Data, dataOf } from "../json.ts";
import { isDistributed, type MapState, type State, type TaskState } from "../language/types.ts";
import { runDistributedMap } from "../map/distributed.ts";
import type { Progress } from "../records/progress.ts";
import type { EventType } from "../records/types.ts";
import { runInlineMap } from "./inline-map.ts";
import { catcherOf, nextRetry, type RetryCounts } from "./retry.ts";
import { runChoice, runFail, runPass, runSucceed, runWait } from "./simple-states.ts";
import { runTask } from "./task.ts";
import { type Exit, type Level, StateVisit } from "./visit.ts";

/** Where a level of states begins: at its first state, or where a redrive goes on. */
export type Start = { readonly input: Data; readonly progress?: undefined } | { readonly progress: Progress };

/**
 * Runs a level of states to its end.
 * @returns the output of its last state.
 * @throws StateFailure when a state fails and nothing catches it; Cancelled.
 */
export const runGroup = async (level: Level, start: Start): Promise<Data> => {
  let visit =
    start.progress === undefined ? enter(level, level.group.StartAt, start.input) : resume(level, start.progress);
  let resumed = start.progress;
  for (;;) {
    level.cancellation.check();
    const exit = await settle(visit, resumed);
    resumed = undefined;
    level.variables = exit.variables;
    visit.append(eventOf(visit.state, "Exited"), {
      stateExitedEventDetails: { name: visit.name, output: exit.output.text, outputDetails: { truncated: false } },
    });
    if (exit.next === undefined) return exit.output;
    visit = enter(level, exit.next, exit.output);
  }
};

const stateNamed = (level: Level, name: string): State => {
  const state = level.group.States[name];
  if (state !== undefined) return state;
  throw new StateFailure("States.Runtime", `The state machine has no state '${name}' any more.`);
};

const enter = (level: Level, name: string, data: Data): StateVisit => {
  const state = stateNamed(level, name);
  const enteredTime = Date.now();
  level.lastEventId = level.run.append(
    eventOf(state, "Entered"),
    { stateEnteredEventDetails: { name, input: data.text, inputDetails: { truncated: false } } },
    level.lastEventId,
    { place: level.place, variables: level.variables },
  );
  // A fresh value: nothing an expression does to it reaches another state.
  const input = dataOf(data.text);
  return new StateVisit({ level, name, state, input, enteredEventId: level.lastEventId, enteredTime });
};

/** A Task or Map goes on within its visit; any other state is entered again. */
const resume = (level: Level, progress: Progress): StateVisit => {
  level.variables = progress.variables;
  const state = stateNamed(level, progress.state);
  if (state.Type !== "Task" && state.Type !== "Map") return enter(level, progress.state, dataOf(progress.input));
  return new StateVisit({
    level,
    name: progress.state,
    state,
    input: dataOf(progress.input),
    enteredEventId: progress.enteredEventId,
    enteredTime: progress.enteredTime,
  });
};

const eventOf = (state: State, what: "Entered" | "Exited"): EventType => `${state.Type}State${what}` as EventType;

/** Runs a state with its retries and catchers. */
const settle = async (visit: StateVisit, resumed: Progress | undefined): Promise<Exit> => {
  const { state, cancellation } = visit;
  const fallible = state.Type === "Task" || state.Type === "Map" ? state : undefined;
  let counts: RetryCounts = [];
  for (let progress = resumed; ; progress = undefined) {
    try {
      return await perform(visit, progress);
    } catch (error) {
      const failure = visit.failureOf(error);
      record(visit, failure);
      const retry = nextRetry(fallible?.Retry, counts, failure.error);
      if (retry === undefined) return await caught(visit, failure);
      counts = retry.counts;
      await cancellation.sleep(retry.seconds * 1000);
      visit.retryCount += 1;
    }
  }
};

const perform = (visit: StateVisit, resumed: Progress | undefined): Promise<Exit> => {
  const { state } = visit;
  switch (state.Type) {
    case "Task":
      return runTask(visit as StateVisit<TaskState>);
    case "Map":
      return isDistributed(state)
        ? runDistributedMap(visit as StateVisit<MapState>, resumed)
        : runInlineMap(visit as StateVisit<MapState>, resumed, runGroup);
    case "Pass":
      return runPass(visit as StateVisit<typeof state>);
    case "Choice":
      return runChoice(visit as StateVisit<typeof state>);
    case "Wait":
      return runWait(visit as StateVisit<typeof state>);
    case "Succeed":
      return runSucceed(visit as StateVisit<typeof state>);
    case "Fail":
      return runFail(visit as StateVisit<typeof state>);
  }
};

/** The events of a failure beside those the state itself has written. */
const record = (visit: StateVisit, failure: StateFailure): void => {
  const { error, reason } = failure;
  if (failure instanceof EvaluationFailure) {
    visit.append("EvaluationFailed", {
      evaluationFailedEventDetails: { error, cause: reason, location: failure.location, state: visit.name },
    });
  }
  if (visit.state.Type === "Map") visit.append("MapStateFailed", {});
};

/** Goes on at the catcher that matches. @throws the failure when none does. */
const caught = async (visit: StateVisit, failure: StateFailure): Promise<Exit> => {
  const { state } = visit;
  const catchers = state.Type === "Task" || state.Type === "Map" ? state.Catch : undefined;
  const catcher = catcherOf(catchers, failure.error);
  if (catcher === undefined) throw failure;
  const errorOutput = { Error: failure.error ?? null, Cause: failure.reason ?? null };
  try {
    return await visit.leave({
      output: copyOf(errorOutput),
      next: catcher.Next,
      fields: catcher,
      extra: { errorOutput },
    });
  } catch (error) {
    const second = visit.failureOf(error);
    record(visit, second);
    throw second;
  }
};
