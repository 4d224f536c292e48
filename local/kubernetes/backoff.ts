export interface Crashes {
  /** Pods in a row that ended before they had lived for `STEADY_MILLISECONDS`. */
  readonly inARow: number;
  /** Wait before the next pod. */
  readonly delayMilliseconds: number;
}

export const NO_CRASH: Crashes = { inARow: 0, delayMilliseconds: 0 };

/** A pod that lived this long was not crashing at its start. (A kubelet asks for 10 minutes.) */
const STEADY_MILLISECONDS = 10_000;
/** Kubernetes doubles from 10 s to 5 minutes; somebody who watches a laptop wants to see the next try sooner. */
const FIRST_DELAY_MILLISECONDS = 1_000;
const LONGEST_DELAY_MILLISECONDS = 30_000;

/** How long to wait before a pod that ended by itself is replaced: at once if it lived, else 1 s doubling to 30 s. */
export function afterCrash(before: Crashes, livedMilliseconds: number): Crashes {
  if (livedMilliseconds >= STEADY_MILLISECONDS) return NO_CRASH;
  const delay = FIRST_DELAY_MILLISECONDS * 2 ** before.inARow;
  return { inARow: before.inARow + 1, delayMilliseconds: Math.min(delay, LONGEST_DELAY_MILLISECONDS) };
}
