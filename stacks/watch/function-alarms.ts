import { FIVE_MINUTES, type GridAlarms } from "./grid-alarms.ts";
import { functionMetric, gridMetric } from "./metrics.ts";

/** Alarms on the Lambdas. Collect has one of its own: it answers which completions failed, which Lambda does not count as an error. */
export function addFunctionAlarms(alarms: GridAlarms, grid: string, functions: readonly string[]): void {
  for (const name of functions) {
    alarms.add({
      article: "function-errors",
      subject: name,
      says: `The Lambda ${name} failed.`,
      metric: functionMetric("Errors", name, FIVE_MINUTES),
      threshold: 0,
    });
    alarms.add({
      article: "function-throttles",
      subject: name,
      says: `Calls of the Lambda ${name} were held back for 15 minutes: the account's concurrency is used up.`,
      metric: functionMetric("Throttles", name, FIVE_MINUTES),
      threshold: 0,
      periods: 3,
    });
  }
  alarms.add({
    article: "collect-errors",
    says: "Completions could not be taken in and come again.",
    metric: gridMetric("completionsFailed", grid, FIVE_MINUTES),
    threshold: 0,
  });
}
