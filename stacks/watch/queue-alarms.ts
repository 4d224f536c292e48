import { secondsOf } from "#grid/config/fields.ts";
import type { Grid } from "#grid/config.ts";
import { COMPLETION_LANES, completionQueueName, PRIORITIES, taskQueueName } from "#grid/names.ts";
import { FIVE_MINUTES, type GridAlarms, MINUTE } from "./grid-alarms.ts";
import { queueMetric } from "./metrics.ts";

/** Alarms on queues: what was given up, what waits too long, what is near SQS's limit. */
export function addQueueAlarms(alarms: GridAlarms, grid: Grid, deadLetterQueues: readonly string[]): void {
  const { oldestTask, oldestCompletion, packsInFlight } = grid.watch.alarms;
  for (const queue of deadLetterQueues) {
    alarms.add({
      article: "dead-letters",
      subject: queue,
      says: `Messages lie in the dead-letter queue ${queue}: something was tried as often as it may be.`,
      metric: queueMetric("ApproximateNumberOfMessagesVisible", queue, MINUTE),
      threshold: 0,
    });
  }
  for (const queue of taskQueues(grid)) {
    alarms.add({
      article: "old-tasks",
      subject: queue,
      says: `The oldest pack in ${queue} waits for longer than ${oldestTask}: workers are missing, or too few.`,
      metric: queueMetric("ApproximateAgeOfOldestMessage", queue, FIVE_MINUTES),
      threshold: secondsOf(oldestTask),
    });
    alarms.add({
      article: "packs-in-flight",
      subject: queue,
      says: `Workers hold more than ${packsInFlight} packs of ${queue}; at 120,000 SQS gives out no more and says nothing.`,
      metric: queueMetric("ApproximateNumberOfMessagesNotVisible", queue, FIVE_MINUTES),
      threshold: packsInFlight,
    });
  }
  for (const lane of COMPLETION_LANES) {
    const queue = completionQueueName(grid.name, lane);
    alarms.add({
      article: "old-completions",
      subject: queue,
      says: `The oldest completion in ${queue} waits for longer than ${oldestCompletion}: Collect does not keep up, or fails.`,
      metric: queueMetric("ApproximateAgeOfOldestMessage", queue, MINUTE),
      threshold: secondsOf(oldestCompletion),
      periods: 3,
    });
  }
}

/** All task queues of a grid, pool by pool. */
const taskQueues = ({ name, pools }: Grid): string[] =>
  Object.keys(pools).flatMap((pool) => PRIORITIES.map((priority) => taskQueueName(name, pool, priority)));
