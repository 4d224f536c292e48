/**
 * What is known of a chunk's tasks: indexes that succeeded, indexes that failed. Both sets only grow, and repeating an addition changes
 * nothing. A success beats a failure, so an index in both has succeeded.
 */
export interface Outcomes {
  readonly ok: ReadonlySet<number>;
  readonly failed: ReadonlySet<number>;
}

export const NO_OUTCOMES: Outcomes = { ok: new Set(), failed: new Set() };

/** How many tasks ended which way, each counted once. */
export interface OutcomeCounts {
  readonly succeeded: number;
  readonly failed: number;
}

export const hasOutcome = ({ ok, failed }: Outcomes, index: number): boolean => ok.has(index) || failed.has(index);

/** The failures that no success beats. */
export const finalFailures = ({ ok, failed }: Outcomes): ReadonlySet<number> =>
  ok.size === 0 ? failed : new Set([...failed].filter((index) => !ok.has(index)));

export function countOutcomes(outcomes: Outcomes): OutcomeCounts {
  return { succeeded: outcomes.ok.size, failed: finalFailures(outcomes).size };
}

/** Both taken together. */
export const addOutcomes = (known: Outcomes, more: Outcomes): Outcomes => ({
  ok: new Set([...known.ok, ...more.ok]),
  failed: new Set([...known.failed, ...more.failed]),
});

/** How the counts change from `before` to `after`; `failed` may shrink, as a success beats a failure. */
export function countChange(before: Outcomes, after: Outcomes): OutcomeCounts {
  const old = countOutcomes(before);
  const now = countOutcomes(after);
  return { succeeded: now.succeeded - old.succeeded, failed: now.failed - old.failed };
}

/** Whether each of a chunk's `count` tasks has an outcome: the moment at which the chunk turns full. */
export const isFull = (outcomes: Outcomes, count: number): boolean => {
  const { succeeded, failed } = countOutcomes(outcomes);
  return succeeded + failed >= count;
};
