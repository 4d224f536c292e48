import { type Alarm, AlarmStatusWidget, type IWidget } from "aws-cdk-lib/aws-cloudwatch";
import { COMPLETION_LANES, completionQueueName } from "#grid/names.ts";
import { MINUTE } from "./grid-alarms.ts";
import { functionMetric, machineMetric, mapRunMetric, queueMetric } from "./metrics.ts";
import { FULL_WIDTH, graph, heading, row } from "./widgets.ts";

export interface WatchedGrid {
  readonly grid: string;
  readonly stateMachineArn: string;
  readonly functions: readonly string[];
  readonly alarms: readonly Alarm[];
}

/** The grid as a whole: is anything wrong, do jobs come and go, does each step keep up. */
export function gridWidgets({ grid, stateMachineArn, functions, alarms }: WatchedGrid): IWidget[] {
  const completions = COMPLETION_LANES.map((lane) => completionQueueName(grid, lane));
  const executions = ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsAborted"] as const;
  return [
    heading(`Grid ${grid}`),
    new AlarmStatusWidget({ title: "Alarms", alarms: [...alarms], width: FULL_WIDTH, height: 4 }),
    row(
      graph(
        "Jobs",
        "executions a minute",
        executions.map((name) => machineMetric(name, stateMachineArn, MINUTE)),
      ),
      graph("Distributed Maps of the account", "open at once (limit 1,000)", [
        mapRunMetric("ApproximateOpenMapRunCount", MINUTE),
        mapRunMetric("ApproximateMapRunBacklogSize", MINUTE),
      ]),
      graph(
        "Completions to collect",
        "age of the oldest, seconds",
        completions.map((queue) => queueMetric("ApproximateAgeOfOldestMessage", queue, MINUTE)),
      ),
    ),
    row(
      graph(
        "Errors of Lambdas",
        "calls a minute",
        functions.map((name) => functionMetric("Errors", name, MINUTE)),
      ),
      graph(
        "Throttled calls of Lambdas",
        "calls a minute",
        functions.map((name) => functionMetric("Throttles", name, MINUTE)),
      ),
      graph(
        "Completions waiting",
        "messages",
        completions.map((queue) => queueMetric("ApproximateNumberOfMessagesVisible", queue, MINUTE)),
      ),
    ),
  ];
}
