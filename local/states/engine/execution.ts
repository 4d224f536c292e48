import { StateFailure } from "../failure.ts";
import { dataOf } from "../json.ts";
import type { EventDetails, EventType, ExecutionRecord } from "../records/types.ts";
import { Cancelled, startTimer } from "./cancellation.ts";
import { runGroup, type Start } from "./group.ts";
import { ExecutionRun } from "./run.ts";
import type { ExecutionPlan, Services, Started } from "./services.ts";
import type { Level } from "./visit.ts";

/** Sets one attempt at an execution going: records it, runs its states, records how it ended. */
export const startExecution = (services: Services, plan: ExecutionPlan): Started => {
  const { machine, record, group, resume } = plan;
  const lastEventId = resume?.lastEventId ?? 0;
  const run = new ExecutionRun({ services, machine, record, write: plan.append, lastEventId });
  plan.save(record);
  const first = announce(run, resume === undefined);
  const level: Level = {
    run,
    group,
    place: [],
    cancellation: run.cancellation,
    variables: {},
    // As on AWS, the first state's event names no event before it.
    lastEventId: resume === undefined ? 0 : first,
  };
  const stopTimer =
    plan.timeoutSeconds === undefined
      ? undefined
      : startTimer(plan.timeoutSeconds * 1000, () => run.cancellation.cancel({ kind: "timed out" }));
  const start: Start = resume?.progress === undefined ? { input: dataOf(record.input) } : { progress: resume.progress };
  const finish = async (): Promise<ExecutionRecord> => {
    const ending = await runGroup(level, start).then(succeeded, endedBy);
    stopTimer?.();
    if (ending === undefined) return record;
    run.append(ending.event, ending.details, level.lastEventId);
    const closed: ExecutionRecord = { ...record, ...ending.change, stopDate: Date.now() };
    plan.save(closed);
    return closed;
  };
  return { finished: finish(), cancel: (reason) => run.cancellation.cancel(reason) };
};

const announce = (run: ExecutionRun, first: boolean): number => {
  const { record, machine } = run;
  if (!first) {
    const executionRedrivenEventDetails = { redriveCount: record.redriveCount };
    return run.append("ExecutionRedriven", { executionRedrivenEventDetails }, run.lastEventId);
  }
  const inputDetails = { truncated: false };
  const executionStartedEventDetails = { input: record.input, inputDetails, roleArn: machine.roleArn };
  return run.append("ExecutionStarted", { executionStartedEventDetails }, 0);
};

/** How an attempt ended, for its record and its history. */
interface Ending {
  readonly event: EventType;
  readonly details: EventDetails;
  readonly change: Pick<ExecutionRecord, "status" | "output" | "error" | "cause">;
}

const succeeded = ({ text }: { text: string }): Ending => ({
  event: "ExecutionSucceeded",
  details: { executionSucceededEventDetails: { output: text, outputDetails: { truncated: false } } },
  change: { status: "SUCCEEDED", output: text },
});

/** @returns undefined when the process is closing. */
const endedBy = (error: unknown): Ending | undefined => {
  if (error instanceof Cancelled) {
    const { reason } = error;
    if (reason.kind === "closing") return undefined;
    if (reason.kind === "timed out") {
      const details = { error: "States.Timeout" };
      return {
        event: "ExecutionTimedOut",
        details: { executionTimedOutEventDetails: details },
        change: { status: "TIMED_OUT", ...details },
      };
    }
    const details = named(reason.error, reason.cause);
    return {
      event: "ExecutionAborted",
      details: { executionAbortedEventDetails: details },
      change: { status: "ABORTED", ...details },
    };
  }
  const details =
    error instanceof StateFailure
      ? named(error.error, error.reason)
      : named("States.Runtime", `the local engine failed: ${error instanceof Error ? error.stack : error}`);
  return {
    event: "ExecutionFailed",
    details: { executionFailedEventDetails: details },
    change: { status: "FAILED", ...details },
  };
};

const named = (error: string | undefined, cause: string | undefined) => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});
