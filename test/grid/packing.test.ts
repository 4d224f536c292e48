import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePack, encodePack } from "#grid/message.ts";
import { PACK_BYTES, packSize, packTasks, tasksPerTarget } from "#grid/packing.ts";
import { toRanges } from "#grid/ranges.ts";

const packing = fc.record({
  targetSeconds: fc.constantFrom(0.1, 1, 10),
  maxTasks: fc.integer({ min: 1, max: 1000 }),
  taskSeconds: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
  slots: fc.integer({ min: 1, max: 500 }),
  tasksBehind: fc.nat(10_000),
});

/** Lines from a few bytes to more than a pack holds. */
const lines = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.integer({ min: 1000, max: PACK_BYTES * 1.2 }).map((size) => `"${"x".repeat(size)}"`) },
  ),
  { maxLength: 60 },
);

describe("packing", () => {
  it("loses and repeats no task, and keeps their order", () => {
    fc.assert(
      fc.property(lines, packing, (texts, how) => {
        const packs = packTasks(
          texts.map((line, index) => ({ index, line })),
          how,
        );
        const tasks = packs.flat();
        expect(tasks.map(({ index }) => index)).toEqual(texts.map((_, n) => n));
        expect(tasks.map(({ line }) => JSON.parse(line))).toEqual(texts.map((line) => JSON.parse(line)));
      }),
    );
  });

  it("keeps every pack within its tasks and bytes, but for a task that travels alone", () => {
    fc.assert(
      fc.property(lines, packing, (texts, how) => {
        for (const pack of packTasks(
          texts.map((line, index) => ({ index, line })),
          how,
        )) {
          expect(pack.length).toBeGreaterThan(0);
          expect(pack.length).toBeLessThanOrEqual(tasksPerTarget(how));
          const bytes = pack.reduce((sum, { line }) => sum + Buffer.byteLength(line) + 1, 0);
          if (pack.length > 1) expect(bytes).toBeLessThanOrEqual(PACK_BYTES);
        }
      }),
    );
  });

  it("survives the wire", () => {
    fc.assert(
      fc.property(fc.array(fc.json(), { minLength: 1, maxLength: 50 }), fc.nat(10_000), (texts, first) => {
        const header = {
          v: 1,
          job: "job",
          application: "a",
          chunk: "0",
          epoch: 0,
          attempt: 1,
          indexes: toRanges(texts.map((_, n) => first + n)),
          lane: "bulk",
          priority: "normal",
          deadline: 1,
        } as const;
        const pack = decodePack(encodePack(header, texts));
        expect(pack.header).toEqual(header);
        expect(pack.tasks.map((task) => JSON.parse(task))).toEqual(texts.map((text) => JSON.parse(text)));
      }),
    );
  });

  const how = { targetSeconds: 1, maxTasks: 1000, taskSeconds: 0.01, slots: 10, tasksBehind: 0 };

  it("fills a message to its target of work", () => {
    expect(packSize(1_000_000, how)).toBe(100);
    expect(packSize(1_000_000, { ...how, taskSeconds: 0.0001 })).toBe(1000);
    expect(packSize(1_000_000, { ...how, taskSeconds: 0 })).toBe(1000);
    expect(packSize(1_000_000, { ...how, taskSeconds: 30 })).toBe(1);
  });

  it("sends one task a message while nobody knows how long they take", () => {
    expect(packSize(1_000_000, { ...how, taskSeconds: undefined })).toBe(1);
  });

  it("shrinks packs toward the end of a job, but not below a tenth of the target", () => {
    expect([2000, 1000, 400, 100, 1].map((remaining) => packSize(remaining, how))).toEqual([100, 50, 20, 10, 10]);
  });
});
