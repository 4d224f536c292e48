import { Option } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Pack, packIndexes } from "#grid/message.ts";
import { handler } from "#handlers/dispatch.ts";
import { callbacks } from "./callbacks.ts";
import { context, dispatchInput, splitJob } from "./job.ts";
import { type Parts, startParts } from "./parts.ts";

let parts: Parts;
const aws = callbacks();

beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.close());
beforeEach(() => aws.reset());

const dispatch = (input: object) => handler(input, context);
const indexes = (packs: readonly Pack[]) => packs.flatMap(({ header }) => packIndexes(header)).sort((a, b) => a - b);
const ref = { segment: "00".repeat(10), start: 0, length: 0 };
const none = new Set<number>();
const chunkState = async (job: string, chunk: string) =>
  Option.getOrThrow(await parts.run(parts.ledger.getChunk(job, chunk))).state;

describe("dispatch", () => {
  it("sends every task of the chunk once, as the split wrote it, with what a worker must know", async () => {
    const [, chunk] = await splitJob(parts, 7, 4, { jobId: "plain" });
    const input = dispatchInput("plain", chunk!, "t1", { epoch: 2 });
    expect(await dispatch(input)).toBe(3);
    const packs = await parts.takePacks();
    expect(indexes(packs)).toEqual([4, 5, 6]);
    expect(packs).toHaveLength(3);
    for (const { header, tasks } of packs) {
      expect(header).toMatchObject({
        job: "plain",
        application: "squares",
        chunk: "1",
        epoch: 2,
        attempt: 1,
        lane: "bulk",
        priority: "normal",
        deadline: input.deadline,
      });
      expect(tasks).toEqual([`{"n":${packIndexes(header)[0]}}`]);
    }
    expect(aws.successes()).toEqual([]);
    expect(await chunkState("plain", "1")).toBe("open");
  });

  it("packs tasks whose time is known", async () => {
    const [chunk] = await splitJob(parts, 1000, 1000, { jobId: "packed", application: "packed" });
    await dispatch(dispatchInput("packed", chunk!, "t1", { application: "packed" }));
    const packs = await parts.takePacks();
    expect(indexes(packs)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
    expect(Math.max(...packs.map(({ tasks }) => tasks.length))).toBe(100);
    expect(packs.length).toBeLessThan(60);
  });

  it("again sends only the tasks without an outcome, and waits with the new token", async () => {
    const [chunk] = await splitJob(parts, 6, 6, { jobId: "again" });
    await dispatch(dispatchInput("again", chunk!, "t1"));
    await parts.takePacks();
    await parts.run(parts.ledger.addOutcomes("again", "0", { ok: new Set([0, 2]), failed: new Set([3]) }, ref));
    await dispatch(dispatchInput("again", chunk!, "t2"));
    expect(indexes(await parts.takePacks())).toEqual([1, 4, 5]);
    expect(Option.getOrThrow(await parts.run(parts.ledger.getChunk("again", "0")))).toMatchObject({
      token: "t2",
      sends: 2,
    });
  });

  it("of a further round sends only the indexes that its chunk lists", async () => {
    const [, chunk] = await splitJob(parts, 8, 4, { jobId: "round" });
    const round = {
      ...chunk!,
      chunk: "1.1",
      count: 2,
      indexes: [
        [5, 5],
        [7, 7],
      ] as [number, number][],
    };
    await dispatch(dispatchInput("round", round, "t1"));
    const packs = await parts.takePacks();
    expect(packs.flatMap(({ tasks }) => tasks).sort()).toEqual(['{"n":5}', '{"n":7}']);
  });

  it("of a chunk whose outcomes are all there, though nobody turned it full, ends the state", async () => {
    const [chunk] = await splitJob(parts, 2, 2, { jobId: "stuck" });
    await dispatch(dispatchInput("stuck", chunk!, "t1"));
    await parts.takePacks();
    await parts.run(parts.ledger.addOutcomes("stuck", "0", { ok: new Set([0, 1]), failed: none }, ref));
    await dispatch(dispatchInput("stuck", chunk!, "t2"));
    expect(aws.successes()).toEqual([{ token: "t2", output: { chunk: "0", succeeded: 2, failed: 0 } }]);
    expect(await chunkState("stuck", "0")).toBe("closed");
    expect(await parts.takePacks()).toEqual([]);
  });

  it("of a full chunk ends the state with its own token, and closes it", async () => {
    const [chunk] = await splitJob(parts, 2, 2, { jobId: "full" });
    await dispatch(dispatchInput("full", chunk!, "t1"));
    const outcomes = { ok: new Set([0]), failed: new Set([1]) };
    await parts.run(parts.ledger.addOutcomes("full", "0", outcomes, ref));
    await parts.run(parts.ledger.fillChunk("full", "0", outcomes));
    await parts.takePacks();
    await dispatch(dispatchInput("full", chunk!, "t2"));
    expect(aws.successes()).toEqual([{ token: "t2", output: { chunk: "0", succeeded: 1, failed: 1 } }]);
    expect(await chunkState("full", "0")).toBe("closed");

    await dispatch(dispatchInput("full", chunk!, "t3"));
    expect(aws.successes().at(-1)).toEqual({ token: "t3", output: { chunk: "0", succeeded: 1, failed: 1 } });
    expect(await parts.takePacks()).toEqual([]);
  });

  it("of a chunk that Settle gave up sends nothing and ends the state", async () => {
    const [chunk] = await splitJob(parts, 2, 2, { jobId: "frozen" });
    await parts.run(parts.ledger.freezeChunk("frozen", chunk!));
    await dispatch(dispatchInput("frozen", chunk!, "late"));
    expect(aws.successes()).toMatchObject([{ token: "late" }]);
    expect(await parts.takePacks()).toEqual([]);
    expect(await chunkState("frozen", "0")).toBe("frozen");
  });

  it("after the deadline sends nothing: the state's own timeout ends it", async () => {
    const [chunk] = await splitJob(parts, 2, 2, { jobId: "late" });
    await dispatch(dispatchInput("late", chunk!, "t1", { deadline: Date.now() - 1 }));
    expect(await parts.takePacks()).toEqual([]);
    expect(aws.successes()).toEqual([]);
  });

  it("says which chunk and file do not fit each other", async () => {
    const [chunk] = await splitJob(parts, 2, 2, { jobId: "broken" });
    await expect(dispatch(dispatchInput("broken", { ...chunk!, end: chunk!.end - 1 }, "t1"))).rejects.toMatchObject({
      name: "Grid.BrokenRecord",
      message: expect.stringContaining(
        "chunk 0: bytes 0 to 15 of jobs/broken/split/pod/tasks.jsonl are no whole lines",
      ),
    });
  });
});
