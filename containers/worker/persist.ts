import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../log.ts";

/** How long a worker keeps at a call that fails, and whom it tells. */
export interface Patience {
  /** Aborted when there is no more time: the next failure is final. */
  readonly giveUp: AbortSignal;
  readonly log: Logger;
}

/** Waits between tries, in milliseconds: 100, 200, … up to 20 s, each times 0.5 to 1. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 20_000;

export const waitBefore = (retry: number, random: number): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(retry - 1, 20)) * (0.5 + random / 2);

/** Calls until it works, or fails with the last error once told to give up. */
export async function persist<A>(operation: string, run: () => Promise<A>, { giveUp, log }: Patience): Promise<A> {
  for (let failures = 1; ; failures++) {
    try {
      return await run();
    } catch (error) {
      if (giveUp.aborted) throw error;
      log.warn(`${operation} failed; trying again`, { failures, error });
    }
    await delay(waitBefore(failures, Math.random()), undefined, { signal: giveUp }).catch(ignoreAbort);
  }
}

/** Told to give up while waiting: one try is left. */
function ignoreAbort(error: Error): void {
  if (error.name !== "AbortError") throw error;
}
