import { setTimeout as delay } from "node:timers/promises";

const LOOK_MS = 300;

/** Does something again and again until it does not fail. @throws what it failed with last, after so many seconds. */
export async function eventually<A>(act: () => Promise<A>, seconds = 120): Promise<A> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(LOOK_MS);
    }
  }
}
