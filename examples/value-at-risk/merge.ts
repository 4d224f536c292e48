import { type Risk, riskOf } from "./risk.ts";
import type { TaskResult } from "./task.ts";

type Row =
  | { readonly index: number; readonly output: TaskResult }
  | { readonly index: number; readonly error: { readonly type: string; readonly message: string } };

export async function merge(rows: AsyncIterable<Row>): Promise<Risk> {
  const results: TaskResult[] = [];
  for await (const row of rows) {
    if ("error" in row) throw new Error(`task ${row.index} has no losses: ${row.error.type}: ${row.error.message}`);
    results.push(row.output);
  }
  const paths = results.reduce((sum, result) => sum + result.paths, 0);
  const risk = riskOf(paths, Float64Array.from(results.flatMap((result) => result.largestLosses)));
  for (const [task, result] of results.entries()) requireWholeTail(task, result, risk.valueAtRisk);
  return risk;
}

/**
 * A loss that a task left out is no larger than the smallest that it kept. So when that is not above the value at risk, none of the
 * tail is missing, and the result is exact.
 */
function requireWholeTail(task: number, { paths, largestLosses }: TaskResult, valueAtRisk: number): void {
  const smallest = largestLosses.at(-1);
  if (largestLosses.length < paths && (smallest === undefined || smallest > valueAtRisk)) {
    throw new Error(
      `task ${task} kept ${largestLosses.length} of its ${paths} losses, all above the value at risk of ${valueAtRisk}: ` +
        "the tail may hold more of them; keep more in split.ts",
    );
  }
}
