import { Option } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Chunk, Plan } from "#grid/chunk.ts";
import { indexesOf } from "#grid/chunk.ts";
import { inRanges } from "#grid/ranges.ts";
import { handler as collectHandler } from "#handlers/collect.ts";
import { handler as dispatchHandler } from "#handlers/dispatch.ts";
import { handler } from "#handlers/settle.ts";
import type { SettleOutput } from "#state-machines/payloads.ts";
import { callbacks } from "./callbacks.ts";
import { batch, context, dispatchInput, later, section, splitJob, stateJob } from "./job.ts";
import { type Parts, startParts } from "./parts.ts";

let parts: Parts;
const aws = callbacks();

beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.close());
beforeEach(() => aws.reset());

const settle = (jobId: string, application = "squares", redriveCount = 0, deadline = later()) =>
  handler({ job: stateJob(jobId, application), redriveCount, deadline }, context) as Promise<SettleOutput>;
const job = async (jobId: string) => Option.getOrThrow(await parts.run(parts.ledger.getJob(jobId)));
const text = (key: string) => parts.run(parts.objects.text(key));
const json = async (key: string) => JSON.parse(await text(key)) as Record<string, unknown>;
const indexOf = async (plan: Plan) =>
  (await text(plan.chunksKey))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Chunk);

/** Dispatches chunks, and reports of their tasks what `failing` and `lost` say; the others succeed. */
const runTasks = async (
  jobId: string,
  chunks: readonly Chunk[],
  { failing = [] as number[], lost = [] as number[], application = "squares", epoch = 0 } = {},
) => {
  for (const chunk of chunks) {
    await dispatchHandler(dispatchInput(jobId, chunk, `${jobId}-${chunk.chunk}`, { application, epoch }), context);
    const all = [...inRanges(indexesOf(chunk))].filter((index) => !lost.includes(index));
    const ok = all.filter((index) => !failing.includes(index));
    const failed = all.filter((index) => failing.includes(index));
    if (all.length > 0) {
      await collectHandler(batch(section(jobId, chunk.chunk, ok, failed, application)), context);
    }
  }
};

describe("settle", () => {
  it("of a job whose tasks all succeeded sets exact counts and writes where the results lie", async () => {
    const chunks = await splitJob(parts, 6, 4, { jobId: "done", succeeded: 99, failed: 7 });
    await runTasks("done", chunks);
    expect(await settle("done")).toEqual({ next: "conclude" });
    expect(await job("done")).toMatchObject({ succeeded: 6, failed: 0, state: "RUNNING" });
    const manifest = await json("jobs/done/results.json");
    expect(manifest).toMatchObject({ jobId: "done", application: "squares", total: 6, succeeded: 6, failed: 0 });
    const [first] = manifest["chunks"] as {
      first: number;
      count: number;
      segments: { key: string; length: number }[];
    }[];
    expect(first).toMatchObject({ first: 0, count: 4, segments: [{ start: 0 }] });
    expect((await text(first!.segments[0]!.key)).slice(0, 22)).toBe('{"index":0,"output":0}');
  });

  it("goes on with the merge where there is one", async () => {
    await runTasks("merging", await splitJob(parts, 2, 2, { jobId: "merging", application: "merged" }));
    expect(await settle("merging", "merged")).toEqual({ next: "merge" });
    expect((await job("merging")).state).toBe("MERGING");
  });

  it("of a job without tasks is done", async () => {
    await splitJob(parts, 0, 2, { jobId: "empty" });
    expect(await settle("empty")).toEqual({ next: "conclude" });
    expect(await json("jobs/empty/results.json")).toMatchObject({ total: 0, chunks: [] });
  });

  it("fails a job beyond its tolerance by naming the first failures and the list of all", async () => {
    const failing = [1, 2, 5, 7, 8];
    await runTasks("failed", await splitJob(parts, 9, 4, { jobId: "failed" }), { failing });
    await expect(settle("failed")).rejects.toMatchObject({
      name: "Grid.TasksFailed",
      message:
        "5 of 9 tasks of job failed failed, none are tolerated. task 1: TypeError: no 1; task 2: TypeError: no 2; " +
        "task 5: TypeError: no 5; …. All that failed: s3://bucket/jobs/failed/failed-0.jsonl. Redrive the execution to run them again.",
    });
    const rows = (await text("jobs/failed/failed-0.jsonl")).trimEnd().split("\n");
    expect(rows.map((row) => JSON.parse(row).index)).toEqual(failing);
    expect(JSON.parse(rows[0]!)).toEqual({ index: 1, error: { type: "TypeError", message: "no 1" }, attempts: 3 });
    expect(await job("failed")).toMatchObject({ failedAtRedrive: 0, succeeded: 4, failed: 5 });
  });

  it("lets a job pass with failures within its tolerance", async () => {
    const chunks = await splitJob(parts, 9, 4, { jobId: "tolerated", application: "tolerant" });
    await runTasks("tolerated", chunks, { failing: [3, 8], application: "tolerant" });
    expect(await settle("tolerated", "tolerant")).toEqual({ next: "conclude" });
    expect(await job("tolerated")).toMatchObject({ succeeded: 7, failed: 2 });
  });

  it("fans out what is unfinished again, frozen chunks and undispatched ones alike", async () => {
    const chunks = await splitJob(parts, 12, 4, { jobId: "lost" });
    await runTasks("lost", chunks.slice(0, 2), { lost: [1, 2], failing: [3] });
    const { next, plan } = await settle("lost");
    expect(next).toBe("fanOut");
    expect(plan).toMatchObject({ round: 1, chunks: 2, total: 12, chunksKey: "jobs/lost/rounds/1/chunks.jsonl" });
    const round = await indexOf(plan!);
    expect(round).toEqual([
      { ...chunks[0], chunk: "0.1", count: 2, indexes: [[1, 2]] },
      { ...chunks[2], chunk: "2.1", count: 4, indexes: [[8, 11]] },
    ]);
    // A late completion and a late dispatch of what was given up change nothing.
    await collectHandler(batch(section("lost", "0", [1])), context);
    await dispatchHandler(dispatchInput("lost", chunks[2]!, "late"), context);
    expect(aws.successes().at(-1)).toMatchObject({ token: "late" });

    await runTasks("lost", round);
    await expect(settle("lost")).rejects.toMatchObject({ name: "Grid.TasksFailed" });
    expect(await job("lost")).toMatchObject({ succeeded: 11, failed: 1 });
  });

  it("tried again after it claimed a round loses and repeats nothing", async () => {
    const chunks = await splitJob(parts, 4, 4, { jobId: "crashed" });
    await runTasks("crashed", chunks, { lost: [0] });
    await settle("crashed");
    const { plan } = await settle("crashed");
    expect(plan).toMatchObject({ round: 2, single: { chunk: "0.2", indexes: [[0, 0]] } });
    await runTasks("crashed", [plan!.single!]);
    expect(await settle("crashed")).toEqual({ next: "conclude" });
    expect(await job("crashed")).toMatchObject({ succeeded: 4, failed: 0 });
  });

  it("redriven runs the failed tasks again, once for each redrive", async () => {
    const chunks = await splitJob(parts, 8, 4, { jobId: "redriven" });
    await runTasks("redriven", chunks, { failing: [1, 2, 6] });
    await expect(settle("redriven")).rejects.toMatchObject({ name: "Grid.TasksFailed" });

    const { plan: first } = await settle("redriven", "squares", 1);
    expect((await indexOf(first!)).map(({ indexes }) => indexes)).toEqual([[[1, 2]], [[6, 6]]]);
    expect(await job("redriven")).toMatchObject({ state: "RUNNING" });
    await runTasks("redriven", await indexOf(first!), { failing: [2], epoch: 1 });
    await expect(settle("redriven", "squares", 1)).rejects.toMatchObject({
      message: expect.stringMatching(/^1 of 8 /),
    });
    expect(await text("jobs/redriven/failed-1.jsonl")).toContain('"index":2');

    const { plan: second } = await settle("redriven", "squares", 2);
    expect(second).toMatchObject({ round: 2, single: { chunk: "0.2", indexes: [[2, 2]] } });
    await runTasks("redriven", [second!.single!], { epoch: 2 });
    expect(await settle("redriven", "squares", 2)).toEqual({ next: "conclude" });
    expect(await job("redriven")).toMatchObject({ succeeded: 8, failed: 0 });
  });

  it("fails when the deadline has passed, and goes on after a redrive", async () => {
    const chunks = await splitJob(parts, 4, 4, { jobId: "late" });
    await runTasks("late", chunks, { lost: [2, 3] });
    await expect(settle("late", "squares", 0, Date.now() - 1)).rejects.toMatchObject({
      name: "Grid.DeadlineExceeded",
      message: expect.stringMatching(/job late had 3600 seconds, and 2 of its 4 tasks have no outcome/),
    });
    const { plan } = await settle("late", "squares", 1);
    expect(plan).toMatchObject({ single: { indexes: [[2, 3]] } });
  });

  it("gives up after three rounds that finished nothing", async () => {
    const chunks = await splitJob(parts, 4, 4, { jobId: "stuck" });
    await runTasks("stuck", chunks, { lost: [3] });
    for (const round of [1, 2, 3]) expect((await settle("stuck")).plan).toMatchObject({ round });
    await expect(settle("stuck")).rejects.toMatchObject({
      name: "Grid.TasksLost",
      message: expect.stringMatching(/^1 of the 4 /),
    });
  });

  it("fails at once, whatever is unfinished, when the application fails fast", async () => {
    const chunks = await splitJob(parts, 8, 4, { jobId: "hasty", application: "hasty" });
    await runTasks("hasty", chunks.slice(0, 1), { failing: [2], application: "hasty" });
    await expect(settle("hasty", "hasty")).rejects.toMatchObject({ name: "Grid.TasksFailed" });
    const { plan } = await settle("hasty", "hasty", 1);
    expect((await indexOf(plan!)).map(({ indexes }) => indexes)).toEqual([[[2, 2]], [[4, 7]]]);
  });

  it("names a job that has no plan", async () => {
    await expect(settle("nobody")).rejects.toMatchObject({
      name: "Grid.BrokenRecord",
      message: "job nobody has no plan in the ledger",
    });
  });
});
