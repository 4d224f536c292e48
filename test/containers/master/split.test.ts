import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jobKeys } from "#grid/names.ts";
import { Masters } from "./masters.ts";
import { BUCKET } from "./small-cloud.ts";

let masters: Masters;
beforeAll(async () => {
  masters = await Masters.open();
});
afterAll(() => masters.close());

describe("a split that is a module", () => {
  test("writes a task a line and chunks that point at their bytes, claims the plan, and ends the state", async () => {
    await masters.image.add(
      "numbers",
      { split: "export function* split(n) { for (let i = 0; i < n; i++) yield { i, text: 'é' }; }" },
      { chunkSize: 3 },
    );
    await masters.put("inputs/eight.json", "8");
    const { exitCode, job, jobId, answers } = await masters.run({
      application: "numbers",
      inputUri: `s3://${BUCKET}/inputs/eight.json`,
    });
    expect(exitCode).toBe(0);
    expect(job).toMatchObject({
      state: "RUNNING",
      plan: { total: 8, chunks: 3, round: 0, tasksKey: jobKeys.tasks(jobId, "pod-1") },
    });
    const tasks = await masters.tasks(job);
    expect(tasks.map((line) => JSON.parse(line))).toEqual(Array.from({ length: 8 }, (_, i) => ({ i, text: "é" })));
    const bytes = Buffer.from(await masters.text(job.plan!.tasksKey));
    const chunks = await masters.chunks(job);
    expect(chunks.map(({ chunk, first, count }) => ({ chunk, first, count }))).toEqual([
      { chunk: "0", first: 0, count: 3 },
      { chunk: "1", first: 3, count: 3 },
      { chunk: "2", first: 6, count: 2 },
    ]);
    for (const { first, count, start, end } of chunks) {
      expect(bytes.subarray(start, end).toString()).toBe(`${tasks.slice(first, first + count).join("\n")}\n`);
    }
    expect(answers).toEqual([
      { action: "SendTaskSuccess", taskToken: `token-${jobId}`, output: JSON.stringify({ jobId, phase: "split" }) },
    ]);
  });

  test("may be an async generator, or an async function that returns an iterable; input is null without one", async () => {
    await masters.image.add("waits", {
      split: "export async function* split(input) { yield input; await null; yield 2; }",
    });
    await masters.image.add("returns", { split: "export const split = async () => ['a', 'b'];" });
    expect(await masters.tasks((await masters.run({ application: "waits" })).job)).toEqual(["null", "2"]);
    const { job } = await masters.run({ application: "returns" });
    expect(await masters.tasks(job)).toEqual(['"a"', '"b"']);
    expect(job.plan?.single).toEqual({ chunk: "0", first: 0, count: 2, start: 0, end: 8 });
  });

  test("may yield nothing: a plan without chunks", async () => {
    await masters.image.add("nothing", { split: "export function* split() {}" });
    const { exitCode, job } = await masters.run({ application: "nothing" });
    expect(exitCode).toBe(0);
    expect(job.plan).toMatchObject({ total: 0, chunks: 0 });
    expect(await masters.text(job.plan!.tasksKey)).toBe("");
  });

  test("is told the job, its folder, a logger and the deadline", async () => {
    await masters.image.add("asks", {
      split: `import { existsSync } from "node:fs";
        export function* split(input, { jobId, application, signal, shared, logger, deadline }) {
          logger.info("splitting", { n: 7 });
          yield { jobId, application, aborted: signal.aborted, folder: existsSync(shared), deadline: deadline.toISOString() };
        }`,
    });
    const startedAt = new Date().toISOString();
    const { job, jobId, stdout } = await masters.run({ application: "asks", startedAt });
    expect(JSON.parse((await masters.tasks(job))[0]!)).toEqual({
      jobId,
      application: "asks",
      aborted: false,
      folder: true,
      deadline: new Date(Date.parse(startedAt) + 3_600_000).toISOString(),
    });
    expect(stdout.split("\n").find((line) => line.includes("splitting"))).toContain(`"job":"${jobId}"`);
  });

  test.each([
    [
      "throws",
      "export function* split() { yield 1; console.error('saw it coming'); throw new RangeError('no more'); }",
      "RangeError: no more",
      "saw it coming",
    ],
    [
      "yields undefined",
      "export function* split() { yield 1; yield undefined; }",
      "task 1 is undefined: expected a JSON value",
      "",
    ],
    ["yields a BigInt", "export function* split() { yield 1n; }", "task 0 cannot be written as JSON", "BigInt"],
    [
      "yields too much",
      "export function* split() { yield 'x'.repeat(262_143); }",
      "task 0 has 262145 bytes: a task may have 262144",
      "",
    ],
    ["returns a number", "export const split = () => 5;", "returned number: expected an iterable", ""],
    [
      "throws in a timer",
      "export async function* split() { setTimeout(() => { throw new Error('stray'); }); await new Promise((r) => setTimeout(r, 60_000)); }",
      "Error: stray",
      "",
    ],
    ["cannot be loaded", "import 'no-such-package'; export function* split() {}", "no-such-package", ""],
  ])("that %s fails the state with the reason, and is not tried again", async (what, source, reason, more) => {
    const application = what.toLowerCase().replaceAll(/[^a-z]+/g, "-");
    await masters.image.add(application, { split: source });
    const { exitCode, job, answers } = await masters.run({ application });
    expect(exitCode).toBe(65);
    expect(answers).toMatchObject([{ action: "SendTaskFailure", error: "Grid.SplitFailed" }]);
    expect(answers[0]!.cause).toContain(reason);
    expect(answers[0]!.cause).toContain(more);
    expect(job.plan).toBeUndefined();
  });

  test("of 1,000,000 tasks stays under 200 MB", async () => {
    await masters.image.add("million", {
      split:
        "export function* split() { for (let i = 0; i < 1e6; i++) yield { seed: 2020, path: i, keep: 'a descriptor of about ninety bytes, as they are in real jobs' }; }",
    });
    const { exitCode, job, peakMb } = await masters.run({ application: "million" });
    expect(exitCode).toBe(0);
    expect(job.plan).toMatchObject({ total: 1_000_000, chunks: 1000 });
    expect((await masters.chunks(job)).at(-1)).toMatchObject({ chunk: "999", first: 999_000, count: 1000 });
    expect(peakMb).toBeLessThan(200);
  });
});
