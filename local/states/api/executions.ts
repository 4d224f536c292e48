import type { JsonAction } from "../../aws-json.ts";
import type { Executions } from "../executions.ts";
import { MAX_CAUSE_LENGTH, MAX_ERROR_LENGTH } from "../failure.ts";
import { action } from "./input.ts";
import type { Lookup } from "./lookup.ts";
import { executionMachineView, executionView, machineView, mapRunView } from "./views.ts";

/** The actions on one execution, Map Run or state machine. */
export const executionActions = (executions: Executions, lookup: Lookup): Record<string, JsonAction> => ({
  ...action("StartExecution", ["stateMachineArn", "name", "input"], (input) => {
    const machine = lookup.machine(input.arn("stateMachineArn", "stateMachine"));
    const wanted = { machine, name: input.optionalText("name"), input: input.optionalText("input") ?? "{}" };
    const { executionArn, startDate } = executions.start(wanted);
    return { executionArn, startDate: startDate / 1000 };
  }),
  ...action("StopExecution", ["executionArn", "error", "cause"], async (input) => {
    const record = await lookup.execution(input.arn("executionArn", "execution"));
    const error = input.optionalText("error", { longest: MAX_ERROR_LENGTH });
    const cause = input.optionalText("cause", { longest: MAX_CAUSE_LENGTH });
    return { stopDate: (await executions.stop(record, { error, cause })) / 1000 };
  }),
  ...action("RedriveExecution", ["executionArn", "clientToken"], async (input) => {
    const record = await lookup.execution(input.arn("executionArn", "execution"));
    return { redriveDate: (await executions.redrive(record, input.optionalText("clientToken"))) / 1000 };
  }),
  ...action("DescribeExecution", ["executionArn"], async (input) =>
    executionView(await lookup.execution(input.arn("executionArn", "execution"))),
  ),
  ...action("DescribeMapRun", ["mapRunArn"], (input) => mapRunView(lookup.mapRun(input.arn("mapRunArn", "mapRun")))),
  ...action("DescribeStateMachine", ["stateMachineArn"], (input) =>
    machineView(lookup.machine(input.arn("stateMachineArn", "stateMachine"))),
  ),
  ...action("DescribeStateMachineForExecution", ["executionArn"], async (input) => {
    const record = await lookup.execution(input.arn("executionArn", "execution"));
    return executionMachineView(lookup.machineOf(record), record);
  }),
});
