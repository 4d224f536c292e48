import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JOURNAL_BYTES, JournalWriter, journalOutcomes } from "#containers/worker/journal.ts";
import { outputRow } from "#grid/result-row.ts";

const error = (message: string) => ({ type: "Error", message });

describe("a thread's journal", () => {
  it("tells the outcomes since it was last emptied, in order, whatever they say", () => {
    const outcome = fc.record({ text: fc.string({ unit: "binary" }), ok: fc.boolean() });
    fc.assert(
      fc.property(fc.array(outcome), fc.nat({ max: 1000 }), (outcomes, first) => {
        const memory = new SharedArrayBuffer(JOURNAL_BYTES);
        const journal = new JournalWriter(memory);
        journal.succeeded(outputRow(0, '"reported before"'));
        journal.begin(first);
        for (const [n, { text, ok }] of outcomes.entries()) {
          const kept = ok
            ? journal.succeeded(outputRow(first + n, JSON.stringify(text)))
            : journal.failed(first + n, error(text));
          expect(kept).toBe(true);
        }
        const found = journalOutcomes(memory, first);
        expect(found.count).toBe(outcomes.length);
        const expected = outcomes.map((each, n) => ({ ...each, ordinal: first + n }));
        expect(found.failed.map(({ ordinal }) => ordinal)).toEqual(
          expected.filter(({ ok }) => !ok).map(({ ordinal }) => ordinal),
        );
        const rows = expected
          .filter(({ ok }) => ok)
          .map(({ ordinal, text }) => outputRow(ordinal, JSON.stringify(text)));
        expect(found.rows).toBe(rows.join(""));
      }),
    );
  });

  it("tells nothing that was reported already", () => {
    const memory = new SharedArrayBuffer(JOURNAL_BYTES);
    const journal = new JournalWriter(memory);
    journal.begin(3);
    journal.succeeded(outputRow(3, "1"));
    expect(journalOutcomes(memory, 4)).toMatchObject({ count: 0, failed: [], rows: "" });
    expect(journalOutcomes(memory, 3)).toMatchObject({ count: 1 });
  });

  it("says of a row that it has no room for it", () => {
    const journal = new JournalWriter(new SharedArrayBuffer(JOURNAL_BYTES));
    const row = outputRow(0, JSON.stringify("x".repeat(100 * 1024)));
    const kept = Array.from({ length: 8 }, () => journal.succeeded(row));
    expect(kept[0]).toBe(true);
    expect(kept.at(-1)).toBe(false);
  });
});
