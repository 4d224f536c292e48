import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workbench } from "./workbench.ts";
import { WorkerImage } from "./worker-image.ts";

/** A handler that does what its task says. */
const OBEDIENT = `
  import { setTimeout as delay } from "node:timers/promises";
  import { appendFileSync } from "node:fs";
  import { join } from "node:path";
  class NotFound extends Error {}
  export const handler = async (task, context) => {
    appendFileSync(join(context.shared, "runs"), context.index + "\\n");
    if (task.throws === "class") throw new NotFound("no such desk");
    if (task.throws === "text") throw "just text";
    if (task.untilAttempt > context.attempt) throw new RangeError("attempt " + context.attempt);
    if (task.blocks) for (;;) context.index;
    if (task.waits) await delay(60_000);
    if (task.heeds) await delay(60_000, undefined, { signal: context.signal });
    if (task.exits) process.exit(7);
    if (task.strays) { setTimeout(() => { throw new Error("from a timer"); }); await delay(60_000); }
    if (task.hoards) { const all = []; for (;;) all.push(new Array(100_000).fill(task)); }
    return task.returns;
  };`;

let image: WorkerImage;

beforeAll(async () => {
  image = await WorkerImage.build({
    obedient: { handler: OBEDIENT },
    patient: { handler: OBEDIENT, attempts: 3 },
    hasty: { handler: OBEDIENT, timeoutSeconds: 0.3 },
    heavy: {
      handler: `
        import { setTimeout as delay } from "node:timers/promises";
        await delay(1000);
        export const handler = async (task) => { if (task.waits) await delay(60_000); return "loaded"; };`,
      timeoutSeconds: 0.3,
    },
    odd: {
      handler: `export const handler = async ({ what }) =>
        what === "bigint" ? 1n : what === "circle" ? (() => { const a = {}; a.a = a; return a; })() : undefined;`,
    },
    strict: {
      handler: "export const handler = async ({ n }) => ({ n });",
      output: { type: "object", properties: { n: { type: "integer" } } },
    },
    large: { handler: "export const handler = async ({ length }) => 'ä'.repeat(length);" },
    empty: { handler: "export const other = 1;" },
    broken: { handler: "throw new SyntaxError('at import');" },
    curious: {
      handler: `
        export const handler = async (task, { jobId, application, index, attempt, deadline, shared, signal }) =>
          ({ task, jobId, application, index, attempt, deadline, shared, aborted: signal.aborted, desk: process.env.DESK });`,
      env: { DESK: "rates" },
    },
    talkative: {
      handler: `export const handler = async (task, { logger }) => {
        console.log("one %d", 1);
        console.error("two");
        logger.info("three", { desk: "rates" });
      };`,
    },
  });
});
afterAll(() => image[Symbol.asyncDispose]());

const runsOf = async (bench: Workbench) =>
  (await readFile(join(bench.folder, "shared/jobs/j/runs"), "utf8")).trim().split("\n").map(Number);

describe("a worker", () => {
  it("reports each task of a pack, then deletes its message", async () => {
    await using bench = await Workbench.open();
    await bench.send("obedient", [{ returns: 4 }, { returns: [9] }], { indexes: [[5, 6]] });
    bench.startWorker(image);
    const [report] = await bench.reports(2);
    expect(report).toMatchObject({
      job: "j",
      application: "obedient",
      chunk: "c0",
      epoch: 0,
      ok: [[5, 6]],
      failed: [],
    });
    expect(report!.rows).toEqual(['{"index":5,"output":4}', '{"index":6,"output":[9]}']);
    await bench.emptied();
    expect(bench.actions.filter((action) => /^(Send|Delete)/.test(action))).toEqual([
      "SendMessageBatch",
      "DeleteMessageBatch",
    ]);
  });

  it("names what failed, and lets its pack-mates succeed", async () => {
    await using bench = await Workbench.open();
    await bench.send("obedient", [{ returns: 0 }, { throws: "class" }, { throws: "text" }, { returns: 3 }]);
    bench.startWorker(image);
    expect(await bench.results(4)).toEqual([
      { index: 0, output: 0 },
      { index: 1, error: { type: "NotFound", message: "no such desk" }, attempts: 1 },
      { index: 2, error: { type: "NonError", message: "just text" }, attempts: 1 },
      { index: 3, output: 3 },
    ]);
    await bench.emptied();
    expect(await runsOf(bench)).toEqual([0, 1, 2, 3]);
  });

  it("tries failed tasks again, those alone, as often as the application says", async () => {
    await using bench = await Workbench.open();
    await bench.send("patient", [{ returns: 0 }, { untilAttempt: 3, returns: 1 }, { throws: "class" }]);
    bench.startWorker(image);
    expect(await bench.results(3)).toEqual([
      { index: 0, output: 0 },
      { index: 1, output: 1 },
      { index: 2, error: { type: "NotFound", message: "no such desk" }, attempts: 3 },
    ]);
    await bench.emptied();
    expect(await runsOf(bench)).toEqual([0, 1, 2, 1, 2, 1, 2]);
  });

  it.each([
    ["blocks its thread", { blocks: true }],
    ["waits", { waits: true }],
    ["ends when its signal is aborted", { heeds: true }],
  ])("ends a task that takes too long and %s, and no other of the pack", async (_, task) => {
    await using bench = await Workbench.open();
    await bench.send("hasty", [{ returns: 0 }, task, { returns: 2 }, task, { returns: 4 }]);
    bench.startWorker(image);
    const late = { type: "Grid.TaskTimedOut", message: "the task took longer than its timeout of 0.3 s" };
    expect(await bench.results(5)).toEqual([
      { index: 0, output: 0 },
      { index: 1, error: late, attempts: 1 },
      { index: 2, output: 2 },
      { index: 3, error: late, attempts: 1 },
      { index: 4, output: 4 },
    ]);
    await bench.emptied();
    expect(await runsOf(bench)).toEqual([0, 1, 2, 3, 4]);
  });

  it("does not count the loading of a module as a task's time", async () => {
    await using bench = await Workbench.open();
    await bench.send("heavy", [{}, { waits: true }, {}]);
    bench.startWorker(image);
    expect(await bench.results(3)).toMatchObject([
      { index: 0, output: "loaded" },
      { index: 1, error: { type: "Grid.TaskTimedOut" } },
      { index: 2, output: "loaded" },
    ]);
  });

  it.each([
    ["exits", { exits: true }, "the handler ended its thread: exit code 7"],
    ["throws from a timer", { strays: true }, "the handler ended its thread: Error: from a timer"],
    ["takes all memory", { hoards: true }, expect.stringContaining("reaching memory limit")],
  ])("fails a task alone that %s", async (_, task, message) => {
    await using bench = await Workbench.open();
    await bench.send("obedient", [{ returns: 0 }, task, { returns: 2 }]);
    bench.startWorker(image, { slots: 32 });
    expect(await bench.results(3)).toEqual([
      { index: 0, output: 0 },
      { index: 1, error: { type: "Grid.ThreadEnded", message }, attempts: 1 },
      { index: 2, output: 2 },
    ]);
    await bench.emptied();
    expect(await runsOf(bench)).toEqual([0, 1, 2]);
  });

  it("takes nothing returned for null, and refuses what JSON cannot say", async () => {
    await using bench = await Workbench.open();
    await bench.send("odd", [{}, { what: "bigint" }, { what: "circle" }]);
    bench.startWorker(image);
    const problem = (message: string) => ({ type: "Grid.BadOutput", message: expect.stringContaining(message) });
    expect(await bench.results(3)).toEqual([
      { index: 0, output: null },
      { index: 1, error: problem("BigInt"), attempts: 1 },
      { index: 2, error: problem("circular"), attempts: 1 },
    ]);
  });

  it("checks outputs against the application's schema", async () => {
    await using bench = await Workbench.open();
    await bench.send("strict", [{ n: 1 }, { n: 1.5 }]);
    bench.startWorker(image);
    const message = "the output does not fit the application's schema: n: must be integer";
    expect(await bench.results(2)).toEqual([
      { index: 0, output: { n: 1 } },
      { index: 1, error: { type: "Grid.BadOutput", message }, attempts: 1 },
    ]);
  });

  it("stores an output of more than 256 KiB as an object, and reports where it is", async () => {
    await using bench = await Workbench.open();
    const inline = (256 * 1024 - 2) / 2;
    await bench.send("large", [{ length: inline }, { length: inline + 1 }, { length: 1 }]);
    bench.startWorker(image);
    const [first, second, third] = await bench.results(3);
    expect([first, third]).toEqual([
      { index: 0, output: "ä".repeat(inline) },
      { index: 2, output: "ä" },
    ]);
    expect(second).toEqual({
      index: 1,
      outputUri: expect.stringMatching(/^s3:\/\/grid-bucket\/jobs\/j\/outputs\/1-[0-9a-f]+\.json$/),
      bytes: 256 * 1024 + 2,
    });
    const { outputUri } = second as unknown as { readonly outputUri: string };
    expect(await bench.objectText(outputUri)).toBe(JSON.stringify("ä".repeat(inline + 1)));
  });

  it("refuses an output of more than 100 MiB", async () => {
    await using bench = await Workbench.open();
    await bench.send("large", [{ length: 50 * 1024 * 1024 }]);
    bench.startWorker(image);
    const message = "the output is 104857602 bytes: at most 104857600 bytes of JSON";
    expect(await bench.results(1)).toEqual([
      { index: 0, error: { type: "Grid.OutputTooLarge", message }, attempts: 1 },
    ]);
  });

  it("says of each task why a module is of no use", async () => {
    await using bench = await Workbench.open();
    await bench.send("empty", [{}, {}]);
    await bench.send("broken", [{}], { chunk: "c1", indexes: [[2, 2]] });
    bench.startWorker(image);
    const message = "applications/empty/task.mjs exports undefined as `handler`: expected a function";
    expect(await bench.results(3)).toEqual([
      { index: 0, error: { type: "TypeError", message }, attempts: 1 },
      { index: 1, error: { type: "TypeError", message }, attempts: 1 },
      { index: 2, error: { type: "SyntaxError", message: "at import" }, attempts: 1 },
    ]);
  });

  it("gives a handler its context, and the application's environment", async () => {
    await using bench = await Workbench.open();
    await bench.send("curious", [{ a: 1 }], { job: "job-1", indexes: [[7, 7]], attempt: 2 });
    bench.startWorker(image);
    expect(await bench.results(1)).toEqual([
      {
        index: 7,
        output: {
          task: { a: 1 },
          jobId: "job-1",
          application: "curious",
          index: 7,
          attempt: 2,
          deadline: "2100-01-01T00:00:00.000Z",
          shared: join(bench.folder, "shared/jobs/job-1"),
          aborted: false,
          desk: "rates",
        },
      },
    ]);
  });

  it("logs what a handler prints with the job and the task it is from", async () => {
    await using bench = await Workbench.open();
    await bench.send("talkative", [{}], { indexes: [[3, 3]] });
    const worker = bench.startWorker(image);
    const about = { job: "j", application: "talkative", task: 3, attempt: 1 };
    expect(await worker.logged("one 1")).toMatchObject({ level: "INFO", ...about });
    expect(await worker.logged("two")).toMatchObject({ level: "ERROR", ...about });
    expect(await worker.logged("three")).toMatchObject({ level: "INFO", desk: "rates", ...about });
  });
});
