import { Effect } from "effect";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jobKeys } from "#grid/names.ts";
import { errorRow, outputRow, storedOutputRow } from "#grid/result-row.ts";
import { segmentId } from "#grid/segment-ref.ts";
import { run } from "./run.ts";
import { jobRecord, openSmallCloud, type SmallCloud } from "./small-cloud.ts";

let cloud: SmallCloud;
beforeAll(async () => {
  cloud = await openSmallCloud("cli-results");
});
afterAll(() => cloud.close());

const command = (...args: string[]) => run(...args, "--endpoint", cloud.endpoint, "--grid", cloud.grid);

/** A job of four tasks: 0 and 3 succeeded, 2 failed, 1 succeeded with an output that lies in its own object. */
async function recordJobWithResults(jobId: string, state: "RUNNING" | "SUCCEEDED" | "FAILED"): Promise<void> {
  const chunk = { chunk: "0", first: 0, count: 4, start: 0, end: 8 };
  const [chunksKey, tasksKey] = [jobKeys.inlineChunks(jobId), jobKeys.inlineTasks(jobId)];
  const outputKey = jobKeys.output(jobId, 1, "a");
  const rows = [
    outputRow(3, '{"n":3}'),
    errorRow(2, { type: "RangeError", message: "two" }, 3),
    storedOutputRow(1, cloud.objects.uri(outputKey), 5),
    outputRow(0, '{"n":0}'),
  ].join("");
  const segment = segmentId(Date.now());
  const ref = { segment, start: 0, length: Buffer.byteLength(rows) };
  const plan = { tasksKey, chunksKey, chunks: 1, total: 4, round: 0, single: chunk };
  await cloud.record(jobRecord({ jobId, state, plan }));
  await Effect.runPromise(
    Effect.gen(function* () {
      yield* cloud.objects.put(chunksKey, `${JSON.stringify(chunk)}\n`);
      yield* cloud.objects.put(outputKey, '"big"');
      yield* cloud.objects.put(jobKeys.segment(jobId, segment), rows);
      yield* cloud.ledger.openChunk(jobId, chunk, { token: "t", epoch: 0, lane: "fast", now: new Date() });
      yield* cloud.ledger.addOutcomes(jobId, "0", { ok: new Set([0, 1, 3]), failed: new Set([2]) }, ref);
    }),
  );
}

const LINES = [
  '{"index":0,"output":{"n":0}}\n',
  '{"index":1,"output":"big"}\n',
  '{"index":2,"error":{"type":"RangeError","message":"two"},"attempts":3}\n',
  '{"index":3,"output":{"n":3}}\n',
] as const;

test("results are a JSON line a task in task order, large outputs put in", async () => {
  await recordJobWithResults("all", "FAILED");
  expect(await command("results", "all")).toMatchObject({ code: 0, stdout: LINES.join("") });
});

test("--failed leaves the tasks that failed", async () => {
  await recordJobWithResults("failed", "FAILED");
  expect(await command("results", "failed", "--failed")).toMatchObject({ code: 0, stdout: LINES[2] });
});

test("of a job that runs there are those so far, and stderr says so", async () => {
  await recordJobWithResults("running", "RUNNING");
  const ran = await command("results", "running");
  expect(ran).toMatchObject({ code: 0, stdout: LINES.join("") });
  expect(ran.stderr).toContain("the job is RUNNING: these are its results so far");
});

test("of a job that ended before its split there are none", async () => {
  await cloud.record(jobRecord({ jobId: "none", state: "FAILED" }));
  const ran = await command("results", "none");
  expect(ran).toMatchObject({ code: 0, stdout: "" });
  expect(ran.stderr).toContain("the job ended before it had tasks");
});

test("the result of a job without a merge is its results", async () => {
  await recordJobWithResults("merged", "SUCCEEDED");
  expect(await command("result", "merged")).toMatchObject({ code: 0, stdout: LINES.join("") });
});
