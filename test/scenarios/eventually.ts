import { vi } from "vitest";

/** Asks again and again until nothing is thrown any more; on a busy machine that may take a while. */
export const eventually = <A>(hold: () => Promise<A>): Promise<A> =>
  vi.waitFor(hold, { timeout: 30_000, interval: 100 });
