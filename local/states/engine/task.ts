import { REGION } from "../../names.ts";
import { StateFailure } from "../failure.ts";
import { argumentProblems, INTEGRATIONS, type IntegrationShape } from "../integrations/catalog.ts";
import { copyOf, type Data, dataOf, isObject, type Json, type JsonObject, kindOf } from "../json.ts";
import type { TaskState } from "../language/types.ts";
import { startTimer } from "./cancellation.ts";
import type { Exit, StateVisit } from "./visit.ts";

/** Runs one attempt at a Task: calls the service, then waits as the integration's pattern says. */
export const runTask = async (visit: StateVisit<TaskState>): Promise<Exit> => {
  const { state, run } = visit;
  const shape = INTEGRATIONS[state.Resource] as IntegrationShape;
  // A token for each attempt: a late call for an earlier one must not end this one.
  visit.taskToken = shape.pattern === "request-response" ? undefined : run.services.tokens.issue();
  const limits = {
    timeoutSeconds: await optionalNumber(visit, "TimeoutSeconds"),
    heartbeatSeconds: await optionalNumber(visit, "HeartbeatSeconds"),
  };
  const parameters = await argumentsOf(visit, shape);
  const named = { resourceType: shape.resourceType, resource: shape.resource };
  visit.append("TaskScheduled", {
    taskScheduledEventDetails: {
      ...named,
      region: REGION,
      parameters: parameters.text,
      ...(limits.timeoutSeconds === undefined ? {} : { timeoutInSeconds: limits.timeoutSeconds }),
      ...(limits.heartbeatSeconds === undefined ? {} : { heartbeatInSeconds: limits.heartbeatSeconds }),
    },
  });
  visit.append("TaskStarted", { taskStartedEventDetails: named });
  const result = await attempt(visit, shape, parameters.value as JsonObject, limits).catch((error: unknown) => {
    const failure = visit.failureOf(error);
    const details = { ...named, error: failure.error, cause: failure.reason };
    if (failure instanceof TaskTimeout) visit.append("TaskTimedOut", { taskTimedOutEventDetails: details });
    else visit.append("TaskFailed", { taskFailedEventDetails: details });
    throw failure;
  });
  const outputDetails = { truncated: false };
  visit.append("TaskSucceeded", { taskSucceededEventDetails: { ...named, output: result.text, outputDetails } });
  return visit.leave({ output: result, next: state.Next, fields: state, extra: { result: result.value } });
};

/** The state's own TimeoutSeconds or HeartbeatSeconds has passed. */
class TaskTimeout extends StateFailure {}

interface Limits {
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
}

const optionalNumber = async (
  visit: StateVisit<TaskState>,
  field: "TimeoutSeconds" | "HeartbeatSeconds",
): Promise<number | undefined> => {
  const template = visit.state[field];
  return template === undefined ? undefined : visit.number(field, template);
};

const argumentsOf = async (visit: StateVisit<TaskState>, shape: IntegrationShape): Promise<Data> => {
  const value = await visit.evaluate("Arguments", visit.state.Arguments ?? {});
  const problems = isObject(value)
    ? argumentProblems(shape, value)
    : [`Arguments: must be an object, is ${kindOf(value)}`];
  if (problems.length > 0) throw new StateFailure("States.Runtime", `${visit.name}: ${problems.join("; ")}`);
  const data = copyOf(value);
  visit.checkSize("Arguments", data.text);
  return data;
};

/**
 * Settles with whatever comes first: the service's answer (or the job's end), the token, a timeout, the end of the
 * execution. What comes later changes nothing; a job that was submitted and has not ended is withdrawn.
 */
const attempt = (
  visit: StateVisit<TaskState>,
  shape: IntegrationShape,
  parameters: JsonObject,
  limits: Limits,
): Promise<Data> => {
  const { tokens, integrations } = visit.run.services;
  const integration = integrations.of(visit.state.Resource);
  const token = visit.taskToken;
  const { roleArn } = visit.run.machine;
  return visit.cancellation.settle<Data>((resolve, reject) => {
    const over = new AbortController();
    const timers = startTimers(limits, reject);
    /** The answer to the submission, while what was submitted runs. */
    let running: Json | undefined;
    let endedByToken = false;
    const succeed = (text: string): void => {
      try {
        visit.checkSize("result", text);
        resolve(dataOf(text));
      } catch (error) {
        reject(error);
      }
    };
    if (token !== undefined) {
      tokens.open(token, {
        settle: (outcome) => {
          endedByToken = true;
          if (outcome.ok) succeed(outcome.output);
          else reject(new StateFailure(outcome.error, outcome.cause));
        },
        heartbeat: timers.heartbeat,
      });
    }
    const call = async (): Promise<void> => {
      const answer = await integration.submit(parameters, { roleArn });
      if (shape.pattern === "request-response") return succeed(JSON.stringify(answer));
      if (!over.signal.aborted) submitted(visit, shape, JSON.stringify(answer));
      if (integration.untilDone === undefined) return;
      running = answer;
      const result = await integration.untilDone(parameters, answer, over.signal, { roleArn });
      running = undefined;
      succeed(JSON.stringify(result));
    };
    const called = call().catch((error: unknown) => {
      if (error instanceof StateFailure) running = undefined;
      reject(error);
    });
    return () => {
      timers.stop();
      if (token !== undefined) tokens.close(token);
      over.abort();
      if (visit.cancellation.reason?.kind === "closing" || integration.withdraw === undefined) return;
      const withdraw = async (): Promise<void> => {
        await called;
        if (running !== undefined && !endedByToken) await integration.withdraw?.(parameters, running, { roleArn });
      };
      withdraw().catch(warn);
    };
  });
};

const submitted = (visit: StateVisit<TaskState>, shape: IntegrationShape, output: string): void =>
  visit.append("TaskSubmitted", {
    taskSubmittedEventDetails: {
      resourceType: shape.resourceType,
      resource: shape.resource,
      output,
      outputDetails: { truncated: false },
    },
  });

/** Withdrawing a job is best effort, as on AWS. */
const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

const startTimers = (
  { timeoutSeconds, heartbeatSeconds }: Limits,
  reject: (failure: StateFailure) => void,
): { heartbeat: () => void; stop: () => void } => {
  const stopTimeout =
    timeoutSeconds === undefined
      ? undefined
      : startTimer(timeoutSeconds * 1000, () => reject(new TaskTimeout("States.Timeout")));
  let latest = Date.now();
  let stopHeartbeat: (() => void) | undefined;
  // One timer that looks when the latest heartbeat was: a heartbeat itself costs no timer.
  const watch = (milliseconds: number): void => {
    stopHeartbeat = startTimer(milliseconds, () => {
      const left = latest + (heartbeatSeconds ?? 0) * 1000 - Date.now();
      if (left > 0) watch(left);
      else reject(new TaskTimeout("States.HeartbeatTimeout"));
    });
  };
  if (heartbeatSeconds !== undefined) watch(heartbeatSeconds * 1000);
  return {
    heartbeat: () => {
      latest = Date.now();
    },
    stop: () => {
      stopTimeout?.();
      stopHeartbeat?.();
    },
  };
};
