import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRange, spansOf } from "#local/objects/range.ts";

describe("a range", () => {
  it.each([undefined, "bytes=", "bytes=-", "bytes=5-3", "lines=1-2", "bytes=0-1,3-4"])(
    "is the whole object for %s",
    (header) => {
      expect(parseRange(header, 10)).toBeUndefined();
    },
  );

  it.each([
    ["bytes=10-", 10],
    ["bytes=-0", 10],
    ["bytes=0-0", 0],
    ["bytes=-5", 0],
  ])("%s of %i bytes cannot be satisfied", (header, bytes) => {
    expect(parseRange(header, bytes)).toBe("unsatisfiable");
  });

  it("of an object in pieces is made of the right bytes of the right pieces", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.nat(),
        (texts, a, b) => {
          const whole = texts.join("");
          fc.pre(whole.length > 0);
          const [start, end] = [a % whole.length, b % whole.length].toSorted((x, y) => x - y) as [number, number];
          const pieces = texts.map((text, i) => ({ file: String(i), bytes: text.length }));
          const read = spansOf(pieces, { start, end }).map((span) =>
            texts[Number(span.file)]!.slice(span.start, span.end + 1),
          );
          expect(read.join("")).toBe(whole.slice(start, end + 1));
          expect(read).not.toContain("");
        },
      ),
    );
  });
});
