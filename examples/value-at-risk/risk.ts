import { CONFIDENCE_PERCENT, HORIZON_DAYS } from "./portfolio.ts";

/** The job's result. Money in US dollars. */
export interface Risk {
  readonly horizonDays: number;
  readonly confidencePercent: number;
  readonly paths: number;
  /** The loss that `100 - confidencePercent` percent of the paths exceed. */
  readonly valueAtRisk: number;
  /** The mean of the losses beyond it. */
  readonly expectedShortfall: number;
}

/** How many of `paths` losses lie beyond the value at risk. */
export const tailCount = (paths: number) => Math.floor((paths * (100 - CONFIDENCE_PERCENT)) / 100);

/**
 * Both figures from the largest losses, which must hold at least one more than the tail. Their order does not matter: they are sorted
 * and added from the largest down, so that the last digit is the same however the losses were come by.
 */
export function riskOf(paths: number, largestLosses: Float64Array): Risk {
  const tail = tailCount(paths);
  if (tail < 1)
    throw new Error(
      `expected at least ${100 / (100 - CONFIDENCE_PERCENT)} paths, so that one lies in the tail, got ${paths}`,
    );
  if (largestLosses.length <= tail)
    throw new Error(`expected more than ${tail} losses for ${paths} paths, got ${largestLosses.length}`);
  const losses = largestLosses.toSorted().reverse();
  let sum = 0;
  for (let i = 0; i < tail; i++) sum += losses[i]!;
  return {
    horizonDays: HORIZON_DAYS,
    confidencePercent: CONFIDENCE_PERCENT,
    paths,
    valueAtRisk: losses[tail]!,
    expectedShortfall: sum / tail,
  };
}
