import type { Grid } from "#grid/config.ts";
import { FIVE_MINUTES, type GridAlarms } from "./grid-alarms.ts";
import { machineMetric, mapRunMetric } from "./metrics.ts";

/** Alarms on the executions of jobs. */
export function addMachineAlarms(alarms: GridAlarms, { watch }: Grid, stateMachineArn: string): void {
  alarms.add({
    article: "executions-failed",
    says: "A job failed.",
    metric: machineMetric("ExecutionsFailed", stateMachineArn, FIVE_MINUTES),
    threshold: 0,
  });
  alarms.add({
    article: "executions-timed-out",
    says: "A job's execution timed out.",
    metric: machineMetric("ExecutionsTimedOut", stateMachineArn, FIVE_MINUTES),
    threshold: 0,
  });
  alarms.add({
    article: "executions-throttled",
    says: "Step Functions held back states of jobs for 15 minutes: the account's quota of state transitions is used up.",
    metric: machineMetric("ExecutionThrottled", stateMachineArn, FIVE_MINUTES),
    threshold: 0,
    periods: 3,
  });
  alarms.add({
    article: "open-map-runs",
    says: `More than ${watch.alarms.openMapRuns} Distributed Maps are open in the account; beyond 1,000 jobs wait to fan out.`,
    metric: mapRunMetric("ApproximateOpenMapRunCount", FIVE_MINUTES),
    threshold: watch.alarms.openMapRuns,
  });
}
