import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import { PRIORITIES, taskQueueName } from "#grid/names.ts";
import { MINUTE } from "./grid-alarms.ts";
import { queueMetric } from "./metrics.ts";
import { graph, heading, row } from "./widgets.ts";

/** A pool: what waits, what workers hold, how long the oldest has waited; a line a priority. */
export function poolWidgets(grid: string, pool: string): IWidget[] {
  const queues = PRIORITIES.map((priority) => taskQueueName(grid, pool, priority));
  const each = (metric: Parameters<typeof queueMetric>[0]) => queues.map((queue) => queueMetric(metric, queue, MINUTE));
  return [
    heading(`Pool ${pool}`),
    row(
      graph("Packs waiting", "packs", each("ApproximateNumberOfMessagesVisible")),
      graph("Packs that workers hold", "packs (limit 120,000)", each("ApproximateNumberOfMessagesNotVisible")),
      graph("Oldest pack", "seconds", each("ApproximateAgeOfOldestMessage")),
    ),
  ];
}
