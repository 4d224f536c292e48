import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ResultLine } from "#grid/result-rows.ts";
import { MAX_BODY_JSON_BYTES } from "#handlers/intake/load-balancer.ts";
import { nextLink, pageOf } from "#handlers/intake/results-page.ts";

async function* rowsOf(rows: readonly ResultLine[]): AsyncGenerator<ResultLine> {
  yield* rows;
}

/** Rows of rising indexes with gaps, their lines full of what JSON has to escape. */
const someRows = fc
  .array(
    fc.tuple(fc.integer({ min: 1, max: 5 }), fc.string({ unit: fc.constantFrom("a", '"', "\\", "ä", "\n", "😀") })),
  )
  .map((steps) => {
    let index = 0;
    return steps.map(([step, output]) => {
      index += step;
      return { index, line: JSON.stringify({ index, output }) };
    });
  });

describe("pages of results", () => {
  it("put one after the other are all rows in order, none empty but a lone last one", async () => {
    await fc.assert(
      fc.asyncProperty(
        someRows,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 200 }),
        async (rows, limit, bytes) => {
          const seen: string[] = [];
          let from: number | undefined = 0;
          while (from !== undefined) {
            const start: number = from;
            const page = await pageOf(rowsOf(rows.filter(({ index }) => index >= start)), limit, bytes);
            expect(page.lines.length).toBeLessThanOrEqual(limit);
            if (page.lines.length > 1) {
              const text = page.lines.map((line) => `${line}\n`).join("");
              expect(Buffer.byteLength(JSON.stringify(text)) - 2).toBeLessThanOrEqual(bytes);
            }
            if (page.next !== undefined) expect(page.lines).not.toEqual([]);
            seen.push(...page.lines);
            from = page.next;
          }
          expect(seen).toEqual(rows.map(({ line }) => line));
        },
      ),
    );
  });

  it("have room for the largest output that the grid stores in a row, at its worst", async () => {
    const line = JSON.stringify({ index: 0, output: '"'.repeat(128 * 1024 - 2) });
    expect(Buffer.byteLength(line)).toBeGreaterThan(256 * 1024);
    expect(Buffer.byteLength(JSON.stringify(line))).toBeLessThan(MAX_BODY_JSON_BYTES);
  });

  it("read no further than the row after their last one", async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<ResultLine> {
      for (;;) yield { index: read++, line: "{}" };
    }
    expect(await pageOf(endless(), 3)).toEqual({ lines: ["{}", "{}", "{}"], next: 3 });
    expect(read).toBe(4);
  });
});

describe("the link to the next page", () => {
  it("asks for the same but for where it begins", () => {
    expect(nextLink(7, {})).toBe('<?from=7>; rel="next"');
    expect(nextLink(7, { from: 2, limit: 5, failed: true })).toBe('<?from=7&limit=5&failed=true>; rel="next"');
  });
});
