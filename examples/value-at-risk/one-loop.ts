// The job's computation in one loop, in one process, keeping every loss: what its result must equal to the last digit.
// node bin/node24.mjs examples/value-at-risk/one-loop.ts [PATHS TASKS]
import { readDailyReturns } from "./prices.ts";
import { type Risk, riskOf } from "./risk.ts";
import { simulateLosses } from "./simulate.ts";
import { DEFAULTS } from "./split.ts";

export function riskInOneLoop({ paths, tasks, seed }: { paths: number; tasks: number; seed: number }): Risk {
  const returns = readDailyReturns();
  const losses = new Float64Array(paths);
  for (let task = 0; task < tasks; task++) {
    const [from, to] = [Math.floor((paths * task) / tasks), Math.floor((paths * (task + 1)) / tasks)];
    losses.set(simulateLosses(returns, seed, task, to - from), from);
  }
  return riskOf(paths, losses);
}

if (import.meta.main) {
  const [paths = DEFAULTS.paths, tasks = DEFAULTS.tasks] = process.argv.slice(2).map(Number);
  process.stdout.write(JSON.stringify(riskInOneLoop({ ...DEFAULTS, paths, tasks })));
}
