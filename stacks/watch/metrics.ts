import type { Duration } from "aws-cdk-lib";
import { Metric, SearchExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { METRIC_NAMESPACE, METRICS, type Metric as MetricId } from "#grid/metrics.ts";

/** A metric of one SQS queue. */
export const queueMetric = (metricName: QueueMetric, queue: string, period: Duration) =>
  new Metric({
    namespace: "AWS/SQS",
    metricName,
    dimensionsMap: { QueueName: queue },
    statistic: Stats.MAXIMUM,
    period,
  });
type QueueMetric =
  | "ApproximateAgeOfOldestMessage"
  | "ApproximateNumberOfMessagesNotVisible"
  | "ApproximateNumberOfMessagesVisible";

/** How often something happened to one Lambda function. */
export const functionMetric = (metricName: "Errors" | "Throttles", name: string, period: Duration) =>
  new Metric({
    namespace: "AWS/Lambda",
    metricName,
    dimensionsMap: { FunctionName: name },
    statistic: Stats.SUM,
    period,
  });

/** How often something happened to executions of a state machine. */
export const machineMetric = (metricName: MachineMetric, stateMachineArn: string, period: Duration) =>
  new Metric({
    namespace: "AWS/States",
    metricName,
    dimensionsMap: { StateMachineArn: stateMachineArn },
    statistic: Stats.SUM,
    period,
  });
type MachineMetric =
  | "ExecutionsStarted"
  | "ExecutionsSucceeded"
  | "ExecutionsFailed"
  | "ExecutionsTimedOut"
  | "ExecutionsAborted"
  | "ExecutionThrottled";

/** Distributed Maps of the account and region; without dimensions ("Step Functions metrics", developer guide). */
export const mapRunMetric = (
  metricName: "ApproximateOpenMapRunCount" | "ApproximateMapRunBacklogSize",
  period: Duration,
) => new Metric({ namespace: "AWS/States", metricName, statistic: Stats.MAXIMUM, period });

/** A metric of the whole grid. */
export const gridMetric = (metric: MetricId, grid: string, period: Duration) =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: METRICS[metric].name,
    dimensionsMap: { grid },
    statistic: Stats.SUM,
    period,
  });

/** A metric for each application of the grid: found when the dashboard is looked at, so that a new application changes no template. */
export const applicationMetrics = (metric: MetricId, grid: string, statistic: string, period: Duration) =>
  new SearchExpression({
    expression: search(metric, grid, statistic, period),
    label: APPLICATION,
    period,
  });

/** How much of it there was in a second, for each application. */
export const applicationRates = (metric: MetricId, grid: string, period: Duration) =>
  new SearchExpression({
    expression: `${search(metric, grid, Stats.SUM, period)} / ${period.toSeconds()}`,
    label: APPLICATION,
    period,
  });

const APPLICATION = `\${PROP('Dim.application')}`;

const search = (metric: MetricId, grid: string, statistic: string, period: Duration) =>
  `SEARCH('{${METRIC_NAMESPACE},grid,application,pool} MetricName="${METRICS[metric].name}" grid="${grid}"', '${statistic}', ${period.toSeconds()})`;
