import { AwsFault, type JsonAction } from "../../aws-json.ts";
import type { Executions } from "../executions.ts";
import type { ExecutionSummary, HistoryEvent } from "../records/types.ts";
import { type ActionInput, action } from "./input.ts";
import type { Lookup } from "./lookup.ts";
import { pageOf } from "./pages.ts";
import { eventView, executionListItem, machineListItem, mapRunListItem } from "./views.ts";

const STATUSES = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];

const PAGING = ["maxResults", "nextToken"];

/** The actions that list, a page at a time. */
export const listActions = (executions: Executions, lookup: Lookup): Record<string, JsonAction> => ({
  ...action("ListExecutions", ["stateMachineArn", "mapRunArn", "statusFilter", ...PAGING], async (input) => {
    const listed = await summaries(executions, lookup, input);
    const { items, nextToken } = pageOf(listed, ({ executionArn }) => executionArn, paging(input));
    return { executions: items.map(executionListItem), nextToken };
  }),
  ...action(
    "GetExecutionHistory",
    ["executionArn", "reverseOrder", "includeExecutionData", ...PAGING],
    async (input) => {
      const record = await lookup.execution(input.arn("executionArn", "execution"));
      if (input.optionalBoolean("includeExecutionData") === false) {
        throw new AwsFault(
          "ValidationException",
          "GetExecutionHistory: includeExecutionData false is not implemented locally",
        );
      }
      const history: HistoryEvent[] = [];
      for await (const { event } of lookup.history(record)) history.push(event);
      if (input.optionalBoolean("reverseOrder")) history.reverse();
      const { items, nextToken } = pageOf(history, ({ id }) => String(id), paging(input));
      return { events: items.map(eventView), nextToken };
    },
  ),
  ...action("ListMapRuns", ["executionArn", ...PAGING], async (input) => {
    const { executionArn } = await lookup.execution(input.arn("executionArn", "execution"));
    const mapRuns = [...executions.store.mapRuns.values()]
      .filter((each) => each.executionArn === executionArn)
      .sort((one, other) => other.startDate - one.startDate);
    const { items, nextToken } = pageOf(mapRuns, ({ mapRunArn }) => mapRunArn, paging(input));
    return { mapRuns: items.map(mapRunListItem), nextToken };
  }),
  ...action("ListStateMachines", PAGING, (input) => {
    const machines = [...executions.machines.values()].sort((one, other) => one.name.localeCompare(other.name));
    const { items, nextToken } = pageOf(machines, ({ arn }) => arn, paging(input));
    return { stateMachines: items.map(machineListItem), nextToken };
  }),
});

const paging = (input: ActionInput) => ({
  maxResults: input.optionalNumber("maxResults"),
  nextToken: input.optionalText("nextToken"),
});

/** The executions of a state machine or the children of a Map Run, newest first. */
const summaries = async (
  executions: Executions,
  lookup: Lookup,
  input: ActionInput,
): Promise<readonly ExecutionSummary[]> => {
  const status = input.optionalText("statusFilter");
  if (status !== undefined && !STATUSES.includes(status)) {
    throw new AwsFault(
      "ValidationException",
      `ListExecutions: statusFilter must be one of ${STATUSES.join(", ")}, came ${status}`,
    );
  }
  const of = (each: ExecutionSummary) => status === undefined || each.status === status;
  const listed = [...(await all(executions, lookup, input))].filter(of);
  // Records are in the order of their start; the sort keeps it among those of one millisecond.
  return listed.reverse().sort((one, other) => other.startDate - one.startDate);
};

const all = async ({ store }: Executions, lookup: Lookup, input: ActionInput): Promise<Iterable<ExecutionSummary>> => {
  if (input.optionalText("mapRunArn") !== undefined) {
    const { mapRunArn } = lookup.mapRun(input.arn("mapRunArn", "mapRun"));
    return (await store.children(mapRunArn)).summaries.values();
  }
  const { arn } = lookup.machine(input.arn("stateMachineArn", "stateMachine"));
  return [...store.executions.values()].filter(({ stateMachineArn }) => stateMachineArn === arn);
};
