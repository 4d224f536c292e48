import { Effect } from "effect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Chunk } from "#grid/chunk.ts";
import { jobKeys } from "#grid/names.ts";
import { errorRow, outputRow, storedOutputRow } from "#grid/result-row.ts";
import { segmentId } from "#grid/segment-ref.ts";
import { chunkLine } from "#grid/task-store.ts";
import { Masters } from "./masters.ts";
import { BUCKET } from "./small-cloud.ts";

let masters: Masters;
beforeAll(async () => {
  masters = await Masters.open();
});
afterAll(() => masters.close());

/** A job whose tasks have these rows, `perChunk` in a chunk. */
async function finishedJob(jobId: string, application: string, rows: readonly string[], perChunk = 2) {
  const { ledger } = masters.cloud;
  const plan = { tasksKey: "unused", chunksKey: `jobs/${jobId}/chunks.jsonl`, round: 0, total: rows.length };
  const chunks: Chunk[] = [];
  for (let first = 0; first < rows.length; first += perChunk) {
    const own = rows.slice(first, first + perChunk);
    const chunk = { chunk: `${chunks.length}`, first, count: own.length, start: 0, end: 0 };
    const segment = segmentId(first);
    await masters.put(jobKeys.segment(jobId, segment), own.join(""));
    const ok = new Set(own.flatMap((row, n) => (row.includes('"error":') ? [] : [first + n])));
    const failed = new Set(own.flatMap((row, n) => (row.includes('"error":') ? [first + n] : [])));
    const ref = { segment, start: 0, length: Buffer.byteLength(own.join("")) };
    const dispatch = { token: "t", epoch: 0, lane: "bulk", now: new Date() } as const;
    await Effect.runPromise(ledger.openChunk(jobId, chunk, dispatch));
    await Effect.runPromise(ledger.addOutcomes(jobId, chunk.chunk, { ok, failed }, ref));
    chunks.push(chunk);
  }
  await masters.put(plan.chunksKey, chunks.map(chunkLine).join(""));
  return { jobId, application, plan: { ...plan, chunks: chunks.length } };
}

const merged = async (jobId: string, application: string, rows: readonly string[], uid = "pod-1") =>
  masters.run(await finishedJob(jobId, application, rows), { phase: "merge", uid });

const ROWS = [
  outputRow(0, '{"x":1}'),
  errorRow(1, { type: "RangeError", message: "negative" }, 3),
  outputRow(2, "[2]"),
  outputRow(3, "null"),
  storedOutputRow(4, `s3://${BUCKET}/large.json`, 3),
];

describe("a merge that is a module", () => {
  test("gets the results in task order, large outputs put in, and what it returns is the result as JSON", async () => {
    await masters.put("large.json", '"L"');
    await masters.image.add("collects", {
      merge:
        "export async function merge(results, { jobId }) { const all = []; for await (const r of results) all.push(r); return { jobId, all }; }",
    });
    const { exitCode, job, answers } = await merged("m-1", "collects", ROWS);
    expect(exitCode).toBe(0);
    expect(job.merged?.key).toBe(jobKeys.result("m-1", "pod-1"));
    const result = await masters.text(job.merged!.key);
    expect(JSON.parse(result)).toEqual({
      jobId: "m-1",
      all: [
        { index: 0, output: { x: 1 } },
        { index: 1, error: { type: "RangeError", message: "negative" }, attempts: 3 },
        { index: 2, output: [2] },
        { index: 3, output: null },
        { index: 4, output: "L" },
      ],
    });
    expect(job.merged?.bytes).toBe(Buffer.byteLength(result));
    expect(answers).toMatchObject([{ action: "SendTaskSuccess" }]);
  });

  test("may stop early, and may return nothing: null", async () => {
    await masters.image.add("stops", {
      merge: "export async function merge(results) { for await (const r of results) break; }",
    });
    const { exitCode, job } = await merged("m-2", "stops", ROWS);
    expect(exitCode).toBe(0);
    expect(await masters.text(job.merged!.key)).toBe("null");
  });

  test("that throws fails the state with Grid.MergeFailed", async () => {
    await masters.image.add("fails", { merge: "export async function merge() { throw new TypeError('no'); }" });
    const { exitCode, answers, job } = await merged("m-3", "fails", ROWS);
    expect(exitCode).toBe(65);
    expect(answers).toMatchObject([{ action: "SendTaskFailure", error: "Grid.MergeFailed" }]);
    expect(answers[0]!.cause).toContain("merge of fails threw TypeError: no");
    expect(job.merged).toBeUndefined();
  });

  test("is not blamed for results that cannot be read, nor believed when it goes on without them", async () => {
    await masters.image.add("trusting", {
      merge:
        "export async function merge(results) { try { for await (const r of results); } catch { return 'fine'; } return 'fine'; }",
    });
    const job = await finishedJob("m-4", "trusting", ROWS);
    await masters.put(job.plan.chunksKey, "no chunk\n");
    const { exitCode, answers } = await masters.run(job, { phase: "merge" });
    expect(exitCode).toBe(65);
    expect(answers).toMatchObject([{ action: "SendTaskFailure", error: "Grid.BrokenRecord" }]);
  });
});

describe("a merge that is a command", () => {
  const command = (script: string) => ({ merge: { command: ["/bin/sh", "-c", script] } });

  test("gets a row a line, and what it prints is the result byte for byte", async () => {
    await masters.put("large.json", '"L"');
    await masters.image.add("cats", {}, command("cat; printf '\\377 end'"));
    const { exitCode, job } = await merged("c-1", "cats", ROWS);
    expect(exitCode).toBe(0);
    const bytes = await Effect.runPromise(masters.cloud.objects.range(job.merged!.key, 0, 10_000));
    const rows = `${ROWS.slice(0, 4).join("")}{"index":4,"output":"L"}\n`;
    expect(bytes).toEqual(Buffer.concat([Buffer.from(rows), Buffer.from([0xff]), Buffer.from(" end")]));
    expect(job.merged?.bytes).toBe(bytes.length);
  });

  test("may take only the first rows of very many", async () => {
    await masters.image.add("heads", {}, command("head -n 1"));
    const rows = Array.from({ length: 200 }, (_, n) => outputRow(n, `"${"x".repeat(2000)}"`));
    const { exitCode, job } = await masters.run(await finishedJob("c-2", "heads", rows, 50), { phase: "merge" });
    expect(exitCode).toBe(0);
    expect(await masters.text(job.merged!.key)).toBe(rows[0]);
  });

  test("that fails leaves no result behind and says why", async () => {
    await masters.image.add("half", {}, command("echo half a result; echo full disk >&2; exit 4"));
    const { exitCode, job, answers } = await merged("c-3", "half", ROWS);
    expect(exitCode).toBe(65);
    expect(answers[0]).toMatchObject({ error: "Grid.MergeFailed" });
    expect(answers[0]!.cause).toMatch(/exited with code 4\nstderr ends with:\nfull disk/);
    expect(job.merged).toBeUndefined();
    await expect(masters.text(jobKeys.result("c-3", "pod-1"))).rejects.toThrow("NoSuchKey");
  });
});
