import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Chunk, indexesOf } from "#grid/chunk.ts";
import type { ChunkRounds } from "#grid/chunk-rounds.ts";
import type { ChunkRecord } from "#grid/ledger/chunk-record.ts";
import { countOutcomes, finalFailures, isFull, type Outcomes } from "#grid/outcomes.ts";
import { countOf, inRanges } from "#grid/ranges.ts";
import { decide, type Standing, settleChunk } from "#grid/settlement.ts";
import { chunkOfRound } from "#handlers/settle/next-round.ts";

/** A chunk's item after these outcomes: full when they are all there, else frozen. */
const recordOf = (chunk: Chunk, outcomes: Outcomes): ChunkRecord => {
  const full = isFull(outcomes, chunk.count);
  return {
    jobId: "job",
    chunk,
    state: full ? "closed" : "frozen",
    token: "t",
    epoch: 0,
    lane: "bulk",
    outcomes: full ? { ok: new Set(), failed: finalFailures(outcomes) } : outcomes,
    counts: full ? countOutcomes(outcomes) : undefined,
    refs: [],
    sentAt: undefined,
    sends: 1,
  };
};

type Fate = "ok" | "failed" | "lost" | "both";
const fate = fc.constantFrom<Fate>("ok", "failed", "lost", "both");

/** What a round did with each of a chunk's tasks: fates are used in turn. */
const outcomesOf = (chunk: Chunk, fates: readonly Fate[]): Outcomes => {
  const indexes = [...inRanges(indexesOf(chunk))];
  const withFate = (...wanted: Fate[]) => new Set(indexes.filter((_, n) => wanted.includes(fates[n % fates.length]!)));
  return { ok: withFate("ok", "both"), failed: withFate("failed", "both") };
};

describe("settlement over rounds", () => {
  it("drops and repeats no task: each is in one state, and the next round has just those still to do", () => {
    const rounds = fc.array(
      fc.record({
        fates: fc.array(fate, { minLength: 1, maxLength: 12 }),
        dispatched: fc.boolean(),
        retriesFailed: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 12 }), rounds, (first, count, played) => {
        const chunk: Chunk = { chunk: "3", first, count, start: 10, end: 20 };
        const all = Array.from({ length: count }, (_, n) => first + n);
        const states = new Map<number, "succeeded" | "failed" | "unfinished">();
        let family: ChunkRounds = { chunk, rounds: [] };
        let next: Chunk | undefined = chunk;
        for (const [n, { fates, dispatched, retriesFailed }] of played.entries()) {
          if (next === undefined) break;
          const outcomes = outcomesOf(next, fates);
          for (const index of inRanges(indexesOf(next))) {
            const { ok, failed } = dispatched ? outcomes : { ok: new Set(), failed: new Set() };
            states.set(index, ok.has(index) ? "succeeded" : failed.has(index) ? "failed" : "unfinished");
          }
          const record = dispatched ? recordOf(next, outcomes) : undefined;
          family = { chunk, rounds: [...family.rounds, { chunk: next, record }] };

          const settled = settleChunk(family);
          const inState = (wanted: string) => all.filter((index) => states.get(index) === wanted);
          expect([...inRanges(settled.failed)]).toEqual(inState("failed"));
          expect([...inRanges(settled.unfinished)]).toEqual(inState("unfinished"));
          expect(settled.succeeded).toBe(inState("succeeded").length);

          next = chunkOfRound(family, n + 1, retriesFailed);
          const todo = all.filter(
            (index) => states.get(index) === "unfinished" || (retriesFailed && states.get(index) === "failed"),
          );
          expect(next === undefined ? [] : [...inRanges(indexesOf(next))]).toEqual(todo);
          if (next !== undefined) {
            expect(next).toMatchObject({ chunk: `3.${n + 1}`, first, start: 10, end: 20, count: todo.length });
            expect(countOf(indexesOf(next))).toBe(todo.length);
          }
        }
      }),
    );
  });
});

const standing = (changes: Partial<Standing> = {}): Standing => ({
  total: 10,
  succeeded: 10,
  failed: 0,
  unfinished: 0,
  tolerate: { count: 0, percentage: 0 },
  failFast: false,
  redriveCount: 0,
  failedAtRedrive: undefined,
  settled: undefined,
  now: 0,
  deadline: 1000,
  ...changes,
});

describe("how a job goes on", () => {
  const failures = { succeeded: 8, failed: 2 };
  const unfinished = { succeeded: 8, unfinished: 2 };

  it("is done when all succeeded, even after the deadline", () => {
    expect(decide(standing({ now: 2000 }))).toEqual({ next: "done" });
  });

  it("is done with failures within either limit of its tolerance", () => {
    expect(decide(standing({ ...failures, tolerate: { count: 2, percentage: 0 } })).next).toBe("done");
    expect(decide(standing({ ...failures, tolerate: { count: 0, percentage: 20 } })).next).toBe("done");
    expect(decide(standing({ ...failures, tolerate: { count: 1, percentage: 19 } })).next).toBe("tasksFailed");
  });

  it("runs all tasks before it fails, unless it fails fast", () => {
    const both = { succeeded: 7, failed: 2, unfinished: 1 };
    expect(decide(standing(both)).next).toBe("round");
    expect(decide(standing({ ...both, failFast: true })).next).toBe("tasksFailed");
  });

  it("runs failed tasks again once for each redrive", () => {
    expect(decide(standing({ ...failures, redriveCount: 1, failedAtRedrive: 0 }))).toMatchObject({
      next: "round",
      retriesFailed: true,
    });
    expect(decide(standing({ ...failures, redriveCount: 1, failedAtRedrive: 1 })).next).toBe("tasksFailed");
    expect(decide(standing({ ...failures, redriveCount: 1 })).next).toBe("tasksFailed");
  });

  it("fails at the deadline when tasks are unfinished", () => {
    expect(decide(standing({ ...unfinished, now: 1000 })).next).toBe("deadlineExceeded");
    expect(decide(standing({ ...unfinished, now: 999 })).next).toBe("round");
  });

  it("gives up after three Fan outs without progress, counted anew after progress and after a redrive", () => {
    const mark = { redrive: 0, finished: 8, times: 3 };
    expect(decide(standing({ ...unfinished, settled: mark })).next).toBe("tasksLost");
    expect(decide(standing({ ...unfinished, settled: { ...mark, times: 2 } }))).toMatchObject({
      next: "round",
      settled: { times: 3 },
    });
    expect(decide(standing({ ...unfinished, settled: { ...mark, finished: 7 } }))).toMatchObject({
      settled: { finished: 8, times: 1 },
    });
    expect(decide(standing({ ...unfinished, settled: mark, redriveCount: 1 })).next).toBe("round");
  });
});
