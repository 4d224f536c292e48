import { Effect, Layer } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Chunk } from "#grid/chunk.ts";
import { Ledger } from "#grid/ledger.ts";
import { Objects } from "#grid/objects.ts";
import { errorRow, outputRow, storedOutputRow } from "#grid/result-row.ts";
import type { ResultLine, RowOptions } from "#grid/result-rows.ts";
import { ResultStore } from "#grid/result-store.ts";
import { chunkLine, TaskStore } from "#grid/task-store.ts";
import { splitJob } from "../handlers/job.ts";
import { type Parts, startParts } from "../handlers/parts.ts";

let parts: Parts;

beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.close());

const layer = () =>
  ResultStore.layerNoDeps.pipe(
    Layer.provide(TaskStore.layerNoDeps),
    Layer.provide(Layer.merge(Layer.succeed(Objects, parts.objects), Layer.succeed(Ledger, parts.ledger))),
  );

let segments = 0;

/** Stores rows as one segment and adds them to a chunk; `n` orders segments. */
const add = async (jobId: string, chunk: Chunk, rows: readonly string[], n = ++segments) => {
  const segment = n.toString(16).padStart(20, "0");
  const text = rows.join("");
  await parts.run(parts.ledger.openChunk(jobId, chunk, { token: "t", epoch: 0, lane: "bulk", now: new Date(0) }));
  await parts.run(
    Effect.flatMap(ResultStore, (store) => store.putSegment(jobId, segment, text)).pipe(Effect.provide(layer())),
  );
  const indexes = rows.map((row) => JSON.parse(row) as { index: number; error?: object });
  const outcomes = {
    ok: new Set(indexes.filter(({ error }) => error === undefined).map(({ index }) => index)),
    failed: new Set(indexes.filter(({ error }) => error !== undefined).map(({ index }) => index)),
  };
  const ref = { segment, start: 0, length: Buffer.byteLength(text) };
  await parts.run(parts.ledger.addOutcomes(jobId, chunk.chunk, outcomes, ref));
};

const failure = (index: number, message: string) => errorRow(index, { type: "E", message }, 1);

const allOf = async <A>(values: AsyncIterable<A>): Promise<A[]> => {
  const all: A[] = [];
  for await (const value of values) all.push(value);
  return all;
};

const rows = (jobId: string, options?: RowOptions): Promise<ResultLine[]> =>
  parts.run(
    Effect.gen(function* () {
      const store = yield* ResultStore;
      const job = yield* Effect.flatMap(parts.ledger.getJob(jobId), Effect.fromOption);
      return yield* Effect.promise(() => allOf(store.rows(job, options)));
    }).pipe(Effect.provide(layer())),
  );
const lines = async (jobId: string, options?: RowOptions) =>
  (await rows(jobId, options)).map(({ line }) => JSON.parse(line) as Record<string, unknown>);

describe("results", () => {
  it("come in task order over chunks and segments, whatever order they were reported in", async () => {
    const chunks = await splitJob(parts, 300, 3, { jobId: "order" });
    for (const chunk of chunks.toReversed()) {
      await add("order", chunk, [outputRow(chunk.first + 2, '"ä\\n"'), outputRow(chunk.first, "1")]);
      await add("order", chunk, [outputRow(chunk.first + 1, "null")]);
    }
    const all = await rows("order");
    expect(all.map(({ index }) => index)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect(all[2]!.line).toBe('{"index":2,"output":"ä\\n"}');
  });

  it("have one row an index: a success before a failure, then the first in segment order", async () => {
    const [chunk] = await splitJob(parts, 3, 3, { jobId: "one" });
    await add("one", chunk!, [failure(0, "second"), outputRow(1, '"second"'), outputRow(2, '"ok"')], 20);
    await add("one", chunk!, [failure(0, "first"), outputRow(1, '"first"'), failure(2, "no")], 10);
    expect(await lines("one")).toEqual([
      { index: 0, error: { type: "E", message: "first" }, attempts: 1 },
      { index: 1, output: "first" },
      { index: 2, output: "ok" },
    ]);
  });

  it("of a newer round take the place of older ones", async () => {
    const chunks = await splitJob(parts, 6, 3, { jobId: "newer" });
    await add("newer", chunks[0]!, [outputRow(0, "0"), failure(1, "old"), outputRow(2, "2")]);
    await add("newer", chunks[1]!, [failure(3, "old"), outputRow(4, "4"), outputRow(5, "5")]);
    const again: Chunk = { ...chunks[1]!, chunk: "1.1", count: 1, indexes: [[3, 3]] };
    await parts.run(parts.objects.put("round", chunkLine(again)));
    await parts.run(
      parts.ledger.claimRound(
        "newer",
        { tasksKey: "", chunksKey: "round", chunks: 1, total: 6, round: 1 },
        { redrive: 1, finished: 6, times: 1 },
      ),
    );
    await add("newer", again, [failure(3, "new")]);
    expect(await lines("newer", { failedOnly: true })).toMatchObject([
      { index: 1, error: { message: "old" } },
      { index: 3, error: { message: "new" } },
    ]);
    expect(await lines("newer")).toHaveLength(6);
    for (let from = 0; from <= 6; from++) {
      expect((await rows("newer", { from })).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5].slice(from));
    }
    expect(await lines("newer", { from: 3, failedOnly: true })).toMatchObject([
      { index: 3, error: { message: "new" } },
    ]);
  });

  it("from an index on are read without the chunks that end before it", async () => {
    const chunks = await splitJob(parts, 4, 2, { jobId: "late" });
    for (const chunk of chunks)
      await add("late", chunk, [outputRow(chunk.first, "1"), outputRow(chunk.first + 1, "1")]);
    const segment = `jobs/late/results/${(segments - 1).toString(16).padStart(20, "0")}.jsonl`;
    await parts.run(parts.objects.put(segment, "no rows at all, and longer than what was there\n".repeat(2)));
    expect((await rows("late", { from: 2 })).map(({ index }) => index)).toEqual([2, 3]);
    await expect(rows("late", { from: 1 })).rejects.toThrow("not a result row");
  });

  it("that lie in their own objects are named by them, or resolved", async () => {
    const [chunk] = await splitJob(parts, 1, 1, { jobId: "large" });
    await parts.run(parts.objects.put("jobs/large/outputs/0-a.json", '{"big":true}'));
    await add("large", chunk!, [storedOutputRow(0, "s3://bucket/jobs/large/outputs/0-a.json", 12)]);
    expect(await lines("large")).toMatchObject([{ index: 0, outputUri: "s3://bucket/jobs/large/outputs/0-a.json" }]);
    expect(await lines("large", { resolve: true })).toEqual([{ index: 0, output: { big: true } }]);
  });

  it("of a job that is still running are those there are", async () => {
    const [chunk] = await splitJob(parts, 6, 3, { jobId: "running" });
    await add("running", chunk!, [outputRow(1, "1")]);
    expect(await lines("running")).toEqual([{ index: 1, output: 1 }]);
  });

  it("of a job without tasks are none", async () => {
    await splitJob(parts, 0, 3, { jobId: "empty" });
    expect(await lines("empty")).toEqual([]);
  });
});
