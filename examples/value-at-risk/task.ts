import { readDailyReturns } from "./prices.ts";
import { simulateLosses } from "./simulate.ts";
import type { Task } from "./split.ts";

export interface TaskResult {
  readonly paths: number;
  /** The task's largest losses, descending. */
  readonly largestLosses: readonly number[];
}

/** Once a worker, not once a task. */
const returns = readDailyReturns();

export async function handler({ seed, paths, keep }: Task, context: { readonly index: number }): Promise<TaskResult> {
  const losses = simulateLosses(returns, seed, context.index, paths).sort().reverse();
  return { paths, largestLosses: [...losses.subarray(0, keep)] };
}
