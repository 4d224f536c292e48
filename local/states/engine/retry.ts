import { matchesError } from "../failure.ts";
import type { Catcher, Retrier } from "../language/types.ts";

/** Defaults of a retrier [Amazon States Language, errors]. */
const DEFAULTS = { intervalSeconds: 1, maxAttempts: 3, backoffRate: 2 } as const;

/** Retries so far, one number a retrier. */
export type RetryCounts = readonly number[];

/**
 * Whether a failed state is tried again: the first retrier that matches the error decides, by its own count.
 * @param random gives a number from 0 up to 1; JitterStrategy FULL waits that share of the delay.
 * @returns the seconds to wait and the new counts; undefined when it is not tried again.
 */
export const nextRetry = (
  retriers: readonly Retrier[] | undefined,
  counts: RetryCounts,
  error: string | undefined,
  random: () => number = Math.random,
): { readonly seconds: number; readonly counts: RetryCounts } | undefined => {
  const at = (retriers ?? []).findIndex(({ ErrorEquals }) => matchesError(ErrorEquals, error));
  const retrier = retriers?.[at];
  if (retrier === undefined) return undefined;
  const done = counts[at] ?? 0;
  if (done >= (retrier.MaxAttempts ?? DEFAULTS.maxAttempts)) return undefined;
  const grown =
    (retrier.IntervalSeconds ?? DEFAULTS.intervalSeconds) * (retrier.BackoffRate ?? DEFAULTS.backoffRate) ** done;
  const delay = Math.min(grown, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  const seconds = retrier.JitterStrategy === "FULL" ? delay * random() : delay;
  return { seconds, counts: (retriers ?? []).map((_, index) => (counts[index] ?? 0) + (index === at ? 1 : 0)) };
};

/** The first catcher that matches the error. */
export const catcherOf = (catchers: readonly Catcher[] | undefined, error: string | undefined): Catcher | undefined =>
  catchers?.find(({ ErrorEquals }) => matchesError(ErrorEquals, error));
