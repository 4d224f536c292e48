import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countOf, inRanges, rangesOf, toRanges } from "#grid/ranges.ts";

describe("ranges", () => {
  it("hold exactly the numbers they were made of, each once, in the fewest runs", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200)), (numbers) => {
        const ranges = rangesOf(numbers);
        const distinct = [...new Set(numbers)].sort((a, b) => a - b);
        expect([...inRanges(ranges)]).toEqual(distinct);
        expect(countOf(ranges)).toBe(distinct.length);
        for (const [n, [from]] of ranges.entries()) if (n > 0) expect(from).toBeGreaterThan(ranges[n - 1]![1] + 1);
        expect(toRanges(inRanges(ranges))).toEqual(ranges);
      }),
    );
  });
});
