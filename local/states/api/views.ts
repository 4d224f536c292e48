import type { Machine } from "../machine.ts";
import { redriveStatusOf } from "../records/redrive-status.ts";
import type { ExecutionRecord, ExecutionSummary, HistoryEvent, MapRunRecord } from "../records/types.ts";

/** Dates travel as seconds since 1970 with a fraction. */
const seconds = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : milliseconds / 1000;

const summaryView = (record: ExecutionSummary) => ({
  executionArn: record.executionArn,
  stateMachineArn: record.stateMachineArn,
  name: record.name,
  status: record.status,
  startDate: seconds(record.startDate),
  stopDate: seconds(record.stopDate),
  mapRunArn: record.mapRunArn,
  redriveCount: record.redriveCount,
  redriveDate: seconds(record.redriveDate),
});

/** An entry of ListExecutions. */
export const executionListItem = (record: ExecutionSummary) => ({
  ...summaryView(record),
  itemCount: record.mapRunArn === undefined ? undefined : 1,
});

/** The answer of DescribeExecution. */
export const executionView = (record: ExecutionRecord) => ({
  ...summaryView(record),
  ...redriveStatusOf(record),
  input: record.input,
  inputDetails: { included: true },
  output: record.output,
  outputDetails: record.output === undefined ? undefined : { included: true },
  error: record.error,
  cause: record.cause,
});

/** An entry of ListMapRuns. */
export const mapRunListItem = (record: MapRunRecord) => ({
  executionArn: record.executionArn,
  mapRunArn: record.mapRunArn,
  stateMachineArn: record.stateMachineArn,
  startDate: seconds(record.startDate),
  stopDate: seconds(record.stopDate),
});

/** The answer of DescribeMapRun: an item is a child, as there is no batching. */
export const mapRunView = (record: MapRunRecord) => ({
  mapRunArn: record.mapRunArn,
  executionArn: record.executionArn,
  status: record.status,
  startDate: seconds(record.startDate),
  stopDate: seconds(record.stopDate),
  maxConcurrency: record.maxConcurrency,
  toleratedFailurePercentage: record.toleratedFailurePercentage,
  toleratedFailureCount: record.toleratedFailureCount,
  itemCounts: record.counts,
  executionCounts: record.counts,
  redriveCount: record.redriveCount,
  redriveDate: seconds(record.redriveDate),
});

/** An entry of GetExecutionHistory. */
export const eventView = (event: HistoryEvent) => ({ ...event, timestamp: seconds(event.timestamp) });

/** An entry of ListStateMachines. */
export const machineListItem = (machine: Machine) => ({
  stateMachineArn: machine.arn,
  name: machine.name,
  type: "STANDARD",
  creationDate: seconds(machine.creationDate),
});

const definitionView = (machine: Machine) => ({
  definition: machine.text,
  roleArn: machine.roleArn,
  loggingConfiguration: { level: "OFF", includeExecutionData: false },
  tracingConfiguration: { enabled: false },
  revisionId: machine.revisionId,
});

/** The answer of DescribeStateMachine. */
export const machineView = (machine: Machine) => ({
  ...machineListItem(machine),
  ...definitionView(machine),
  status: "ACTIVE",
});

/** The answer of DescribeStateMachineForExecution. */
export const executionMachineView = (machine: Machine, record: ExecutionRecord) => ({
  ...definitionView(machine),
  stateMachineArn: record.stateMachineArn,
  name: machine.name,
  updateDate: seconds(machine.updateDate),
  mapRunArn: record.mapRunArn,
  label: record.mapRunArn === undefined ? undefined : record.stateMachineArn.split("/")[1],
});
