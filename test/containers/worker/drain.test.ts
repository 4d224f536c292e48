import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { packIndexes } from "#grid/message.ts";
import { Workbench } from "./workbench.ts";
import { WorkerImage } from "./worker-image.ts";

/** Less than a long poll, the grace, or another try would take; a second is what it should be where nothing else runs. */
const SOON_MS = 3000;

/** Says that it began, and returns when its file `end` is there, or at once when it is told that its worker drains. */
const UNTIL = `
  import { existsSync, writeFileSync } from "node:fs";
  import { join } from "node:path";
  import { setTimeout as delay } from "node:timers/promises";
  export const handler = async ({ heeds, quick }, { index, shared, signal, logger }) => {
    if (quick) return index;
    logger.info("began");
    while (!existsSync(join(shared, "end")) && !(heeds && signal.aborted)) await delay(5);
    return signal.aborted;
  };`;

/** Gives up by throwing when its worker drains. */
const ABORTABLE = `
  import { setTimeout as delay } from "node:timers/promises";
  export const handler = async (_, { signal, logger }) => {
    logger.info("began");
    await delay(60_000, undefined, { signal });
  };`;

let image: WorkerImage;

beforeAll(async () => {
  image = await WorkerImage.build({
    until: { handler: UNTIL },
    abortable: { handler: ABORTABLE },
    blocking: { handler: 'export const handler = (_, { logger }) => { logger.info("began"); for (;;) 1; };' },
  });
});
afterAll(() => image[Symbol.asyncDispose]());

const indexesOf = async (bench: Workbench) =>
  (await bench.waitingPacks()).map(({ header, tasks }) => ({
    attempt: header.attempt,
    indexes: packIndexes(header),
    tasks,
  }));

describe("a worker that is told to end", () => {
  it("ends soon when it has nothing to do", async () => {
    await using bench = await Workbench.open();
    const worker = bench.startWorker(image);
    await worker.logged("the worker takes packs");
    const { code, ms } = await worker.drain("SIGINT");
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
  });

  it("hands back what has not begun, lets the task at hand end, and reports it", async () => {
    await using bench = await Workbench.open();
    const hold = { heeds: true };
    await bench.send("until", [{ quick: true }, hold, hold, hold], { attempt: 2, indexes: [[4, 7]] });
    const worker = bench.startWorker(image);
    await worker.logged("began");
    const { code, ms } = await worker.drain();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
    const [report] = await bench.reports(2);
    expect(report).toMatchObject({ ok: [[4, 5]], failed: [] });
    expect(report!.rows).toEqual(['{"index":4,"output":4}', '{"index":5,"output":true}']);
    const line = JSON.stringify(hold);
    expect(bench.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect(await indexesOf(bench)).toEqual([{ attempt: 2, indexes: [6, 7], tasks: [line, line] }]);
  });

  it("tells what its packs waited and took, by application, in one line", async () => {
    await using bench = await Workbench.open();
    await bench.send("until", [{ quick: true }, { quick: true }]);
    await bench.send("until", [{ quick: true }], { attempt: 2 });
    const worker = bench.startWorker(image);
    await bench.reports(3);
    await worker.drain();
    const told = worker.lines.filter((line) => "_aws" in line);
    expect(told).toMatchObject([{ application: "until", pool: "general", Attempts: 3, QueueWait: expect.any(Number) }]);
    expect(told[0]!["RunTime"]).toHaveLength(2);
  });

  it("hands the rest of a pack back at once, not when its task at hand has ended", async () => {
    await using bench = await Workbench.open();
    await bench.send("until", [{}, {}, {}]);
    const worker = bench.startWorker(image);
    await worker.logged("began");
    worker.signal("SIGTERM");
    await worker.logged("the worker drains");
    const [pack] = await bench.takePacks();
    expect(packIndexes(pack!.header)).toEqual([1, 2]);
    await bench.writeShared("j", "end");
    expect(await worker.ended()).toBe(0);
    expect(await bench.results(1)).toEqual([{ index: 0, output: true }]);
    expect(bench.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it("hands back a task that gives up when its signal is aborted, as the same attempt", async () => {
    await using bench = await Workbench.open();
    await bench.send("abortable", [{}, {}], { attempt: 3 });
    const worker = bench.startWorker(image);
    await worker.logged("began");
    const { code, ms } = await worker.drain();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
    const packs = await indexesOf(bench);
    expect(packs.map(({ attempt, indexes }) => [attempt, indexes]).toSorted()).toEqual([
      [3, [0]],
      [3, [1]],
    ]);
  });

  it("takes nothing more", async () => {
    await using bench = await Workbench.open();
    await bench.send("until", [{}]);
    const worker = bench.startWorker(image, { slots: 2 });
    await worker.logged("began");
    worker.signal("SIGTERM");
    await worker.logged("the worker drains");
    await bench.send("until", [{ quick: true }], { chunk: "c1" });
    await bench.writeShared("j", "end");
    expect(await worker.ended()).toBe(0);
    expect(bench.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });

  it.each(["until", "blocking"])(
    "hands back a task that goes on beyond the grace, as the same attempt: %s",
    async (application) => {
      await using bench = await Workbench.open();
      await bench.send(application, [{}, {}], { attempt: 2 });
      const worker = bench.worker(image, 300);
      const run = worker.run();
      await vi.waitFor(() => expect(bench.lines.join("")).toContain("began"), { timeout: 20_000 });
      const begun = performance.now();
      await worker.drain();
      expect(performance.now() - begun).toBeGreaterThan(300);
      await run;
      const packs = await indexesOf(bench);
      expect(packs.map(({ attempt, indexes }) => [attempt, indexes]).toSorted()).toEqual([
        [2, [0]],
        [2, [1]],
      ]);
      expect(bench.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    },
  );

  it("ends at once when it is told again", async () => {
    await using bench = await Workbench.open();
    await bench.send("blocking", [1]);
    const worker = bench.startWorker(image);
    await worker.logged("began");
    worker.signal("SIGTERM");
    await worker.logged("the worker drains");
    const { code, ms } = await worker.drain();
    expect(code).toBe(1);
    expect(ms).toBeLessThan(SOON_MS);
    expect(bench.depth()).toMatchObject({ inFlight: 1 });
  });
});
