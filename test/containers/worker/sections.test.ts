import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Completions } from "#containers/worker/completions.ts";
import { completionBody, type TaskOutcomes } from "#containers/worker/sections.ts";
import { decodeCompletion } from "#grid/completion.ts";
import { inRanges } from "#grid/ranges.ts";
import { errorRow, outputRow } from "#grid/result-row.ts";

const header = (job: string, chunk: string, epoch = 0) => ({
  job,
  chunk,
  epoch,
  application: "a",
  lane: "bulk" as const,
});

/** Outcomes of tasks: `ok` and `failed` with rows to match. */
const outcomes = (about: TaskOutcomes["header"], ok: number[], failed: number[], text = "x"): TaskOutcomes => ({
  header: about,
  ok,
  failed,
  rows: [
    ...ok.map((index) => outputRow(index, JSON.stringify(text))),
    ...failed.map((index) => errorRow(index, { type: "Error", message: text }, 1)),
  ].join(""),
  milliseconds: 10,
});

describe("the body of a completion", () => {
  it("has a section for each chunk of a job and epoch, with the rows of its tasks and no other", () => {
    const any = fc.record({
      job: fc.constantFrom("j", "k"),
      chunk: fc.constantFrom("c0", "c1"),
      epoch: fc.constantFrom(0, 1),
      ok: fc.uniqueArray(fc.nat({ max: 50 }), { maxLength: 5 }),
      failed: fc.uniqueArray(fc.integer({ min: 51, max: 99 }), { maxLength: 5 }),
      text: fc.string({ unit: "binary" }),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1 }), (all) => {
        const given = all.map(({ job, chunk, epoch, ok, failed, text }) =>
          outcomes(header(job, chunk, epoch), ok, failed, text),
        );
        const sections = decodeCompletion(completionBody(given));
        const keyOf = (about: { job: string; chunk: string; epoch: number }) =>
          `${about.job} ${about.chunk} ${about.epoch}`;
        expect(new Set(sections.map((each) => keyOf(each.header))).size).toBe(sections.length);
        for (const section of sections) {
          const mine = given.filter((each) => keyOf(each.header) === keyOf(section.header));
          const indexes = (of: (each: TaskOutcomes) => readonly number[]) =>
            [...new Set(mine.flatMap(of))].sort((a, b) => a - b);
          expect([...inRanges(section.header.ok)]).toEqual(indexes(({ ok }) => ok));
          expect([...inRanges(section.header.failed)]).toEqual(indexes(({ failed }) => failed));
          expect(section.header.milliseconds).toBe(10 * mine.length);
          const rows = (text: string) =>
            text
              .split("\n")
              .slice(0, -1)
              .map((row) => JSON.parse(row) as unknown);
          expect(rows(section.rows)).toEqual(mine.flatMap((each) => rows(each.rows)));
        }
        expect(sections.length).toBe(new Set(given.map((each) => keyOf(each.header))).size);
      }),
    );
  });
});

describe("completions", () => {
  it("wait a second for others, no longer", async () => {
    vi.useFakeTimers();
    try {
      const bodies: string[] = [];
      const completions = new Completions(async (body) => void bodies.push(body));
      completions.add(outcomes(header("j", "c0"), [0], []));
      await vi.advanceTimersByTimeAsync(900);
      completions.add(outcomes(header("j", "c0"), [1], []));
      expect(bodies).toEqual([]);
      await vi.advanceTimersByTimeAsync(100);
      expect(bodies.map((body) => decodeCompletion(body)[0]!.header.ok)).toEqual([[[0, 1]]]);
      await vi.advanceTimersByTimeAsync(5000);
      expect(bodies.length).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("are sent at once when there are 200 KiB of them, in messages that SQS takes", async () => {
    const bodies: string[] = [];
    const completions = new Completions(async (body) => void bodies.push(body));
    const sizes = [100, 99, 30, 250, 190, 256, 1, 199.5, 256];
    for (const [n, kib] of sizes.entries()) {
      // U+FFFE takes three bytes of UTF-8 as it is, and six as the escape that SQS needs.
      const text = "\uFFFE".repeat((kib * 1024) / 3);
      completions.add(outcomes(header("j", `c${n}`), [n], [], text));
    }
    completions.flush();
    await completions.sent();
    const indexes = bodies.flatMap((body) =>
      decodeCompletion(body).flatMap((section) => [...inRanges(section.header.ok)]),
    );
    expect(indexes).toEqual(sizes.map((_, n) => n));
    for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThan(1_048_576);
    expect(bodies.length).toBeGreaterThan(3);
  });

  it("count as sent only when all before them are", async () => {
    const sends: PromiseWithResolvers<void>[] = [];
    const completions = new Completions(() => {
      const send = Promise.withResolvers<void>();
      sends.push(send);
      return send.promise;
    });
    for (const index of [0, 1]) {
      completions.add(outcomes(header("j", "c0"), [index], []));
      completions.flush();
    }
    let sent = false;
    const done = completions.sent().then(() => {
      sent = true;
    });
    sends[1]!.resolve();
    await sends[1]!.promise;
    await Promise.resolve();
    expect(sent).toBe(false);
    sends[0]!.resolve();
    await done;
    expect(sent).toBe(true);
  });

  it("are never sent, for those who ask, once sending was given up", async () => {
    const completions = new Completions(() => Promise.reject(new Error("gone")));
    completions.add(outcomes(header("j", "c0"), [0], []));
    completions.flush();
    await expect(completions.sent()).rejects.toThrow("gone");
  });
});
