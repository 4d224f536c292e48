import { setTimeout as pause } from "node:timers/promises";

interface Patience {
  readonly everyMs: number;
  readonly forMs: number;
}

/** Asks until there is an answer. Throws, naming `what` and the last trouble, when there is none in time. */
export async function eventually<A>(
  what: string,
  { everyMs, forMs }: Patience,
  ask: () => Promise<A | undefined>,
): Promise<A> {
  const deadline = Date.now() + forMs;
  for (;;) {
    let trouble: unknown;
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      trouble = error;
    }
    if (Date.now() + everyMs > deadline) {
      throw new Error(`waited ${Math.round(forMs / 1000)} s for ${what}, in vain`, { cause: trouble });
    }
    await pause(everyMs);
  }
}
