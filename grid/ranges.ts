/** Whole numbers as inclusive runs: `[[0, 4], [7, 7]]` is 0 1 2 3 4 7. Ascending, not touching: the short form of task indexes. */
export type Ranges = readonly (readonly [from: number, to: number])[];

/** The runs of ascending, distinct `numbers`. */
export function toRanges(numbers: Iterable<number>): Ranges {
  const runs: [number, number][] = [];
  let last: [number, number] | undefined;
  for (const n of numbers) {
    if (last !== undefined && n === last[1] + 1) last[1] = n;
    else {
      last = [n, n];
      runs.push(last);
    }
  }
  return runs;
}

/** The runs of `numbers` in any order, repeated ones counted once. */
export function rangesOf(numbers: Iterable<number>): Ranges {
  return toRanges([...new Set(numbers)].sort((a, b) => a - b));
}

export function* inRanges(ranges: Ranges): Generator<number> {
  for (const [from, to] of ranges) for (let n = from; n <= to; n++) yield n;
}

/** How many numbers the runs hold. */
export function countOf(ranges: Ranges): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}
