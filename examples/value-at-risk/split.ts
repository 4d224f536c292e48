import { tailCount } from "./risk.ts";

/** A job's input; each field is optional. `{}` is 1,000,000 paths in 2,000 tasks. */
export interface Input {
  readonly paths?: number;
  readonly tasks?: number;
  readonly seed?: number;
}

export interface Task {
  readonly seed: number;
  readonly paths: number;
  /** How many of its largest losses the task returns. */
  readonly keep: number;
}

export const DEFAULTS = { paths: 1_000_000, tasks: 2_000, seed: 2020 } as const;

export function* split(input: Input | null): Generator<Task> {
  const { paths, tasks, seed } = { ...DEFAULTS, ...input };
  for (let task = 0; task < tasks; task++) {
    const own = Math.floor((paths * (task + 1)) / tasks) - Math.floor((paths * task) / tasks);
    yield { seed, paths: own, keep: keptLosses(own) };
  }
}

/**
 * Enough for an exact result: of 500 paths 5 lie in the job's 1 % tail on average, and more than 5 + 10 √5 = 27 in one task of some
 * 10^10 (Chernoff's bound). Merge checks it: were a task ever to keep too few, it would fail and not be wrong.
 */
function keptLosses(paths: number): number {
  const expected = Math.max(1, tailCount(paths));
  return Math.min(paths, Math.ceil(expected + 10 * Math.sqrt(expected)));
}
