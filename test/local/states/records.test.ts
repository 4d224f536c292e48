import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Journal, readJournal } from "#local/states/records/journal.ts";
import { linesOf } from "#local/states/records/lines.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "records-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const streamOf = async function* (pieces: readonly Uint8Array[]) {
  yield* pieces;
};

describe("linesOf", () => {
  it("gives the lines whatever pieces they come in", async () => {
    const texts = fc.array(fc.string({ unit: "binary" }).map((text) => text.replaceAll("\n", "")));
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(200)), async (lines, cuts) => {
        const whole = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const at = [...new Set([0, ...cuts.filter((cut) => cut < whole.length), whole.length])].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, index) => whole.subarray(at[index], end));
        const found: string[] = [];
        for await (const line of linesOf(streamOf(pieces))) found.push(line);
        expect(found).toEqual(Buffer.from(lines.join("\n")).toString("utf8").split("\n").slice(0, lines.length));
      }),
    );
  });

  it("takes the last line without an end, or leaves it out", async () => {
    const all = async (last: "take" | "leave out") => {
      const found: string[] = [];
      for await (const line of linesOf(streamOf([Buffer.from("a\nb")]), { last })) found.push(line);
      return found;
    };
    expect(await all("take")).toEqual(["a", "b"]);
    expect(await all("leave out")).toEqual(["a"]);
  });
});

describe("a journal", () => {
  const read = async (path: string) => {
    const found: unknown[] = [];
    for await (const entry of readJournal(path)) found.push(entry);
    return found;
  };

  it("puts lines into its file without being told to", async () => {
    const path = join(folder, "a.jsonl");
    const journal = new Journal(path);
    journal.append({ n: 1 });
    journal.append({ n: 2 });
    await vi.waitFor(() => expect(readFileSync(path, "utf8")).toBe('{"n":1}\n{"n":2}\n'));
    journal.close();
  });

  it("keeps every whole line, however its writer was killed, and goes on after them", async () => {
    let files = 0;
    const entries = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(entries, entries, fc.string(), async (before, after, torn) => {
        const path = join(folder, `${files++}.jsonl`);
        const write = (each: object[]) => {
          const journal = new Journal(path);
          for (const entry of each) journal.append(entry);
          journal.close();
        };
        write(before);
        appendFileSync(path, torn.replaceAll("\n", ""));
        expect(await read(path)).toEqual(JSON.parse(JSON.stringify(before)));
        write(after);
        if (after.length > 0) expect(await read(path)).toEqual(JSON.parse(JSON.stringify([...before, ...after])));
      }),
      { numRuns: 50 },
    );
  });

  it("cuts a torn line that is longer than a block", async () => {
    const path = join(folder, "long.jsonl");
    appendFileSync(path, `{"n":1}\n{"n":"${"x".repeat(200_000)}`);
    const journal = new Journal(path);
    journal.append({ n: 2 });
    journal.close();
    expect(await read(path)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("is empty when it has no file", async () => {
    expect(await read(join(folder, "none.jsonl"))).toEqual([]);
  });
});
