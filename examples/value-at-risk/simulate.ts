import { lossAfterHorizon } from "./portfolio.ts";
import { randomBits } from "./random.ts";

/**
 * The losses of `paths` futures of ten days, each day's return drawn from those of the past (a bootstrap). `stream` is the task's
 * index: the same one always gives the same losses.
 */
export function simulateLosses(returns: Float64Array, seed: number, stream: number, paths: number): Float64Array {
  const bits = randomBits(seed, stream);
  const nextReturn = () => returns[Math.floor((bits() / 2 ** 32) * returns.length)]!;
  const losses = new Float64Array(paths);
  for (let path = 0; path < paths; path++) losses[path] = lossAfterHorizon(nextReturn);
  return losses;
}
