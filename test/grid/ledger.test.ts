import { Effect, Option } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Chunk, Plan } from "#grid/chunk.ts";
import type { LedgerShape } from "#grid/ledger.ts";
import { jobRecord, type Parts, startParts } from "../handlers/parts.ts";

let parts: Parts;
let ledger: LedgerShape;

beforeAll(async () => {
  parts = await startParts();
  ledger = parts.ledger;
});
afterAll(() => parts.close());

const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(effect);
const job = async (jobId: string) => Option.getOrThrow(await run(ledger.getJob(jobId)));
const plan = (changes: Partial<Plan> = {}): Plan => ({
  tasksKey: "tasks",
  chunksKey: "chunks",
  chunks: 2,
  total: 9,
  round: 0,
  ...changes,
});
const chunk = (changes: Partial<Chunk> = {}): Chunk => ({
  chunk: "0",
  first: 0,
  count: 4,
  start: 0,
  end: 9,
  ...changes,
});
const opened = (jobId: string, token: string, which = chunk()) =>
  run(ledger.openChunk(jobId, which, { token, epoch: 1, lane: "bulk", now: new Date(0) }));
const ref = (start: number) => ({ segment: "0123456789abcdef0123", start, length: 7 });
const set = (...numbers: number[]) => new Set(numbers);

describe("a job in the ledger", () => {
  it("comes back as it was recorded", async () => {
    const full = jobRecord({
      jobId: "all",
      tags: { a: "b" },
      plan: plan({ single: chunk() }),
      rounds: [plan({ round: 1 })],
      inputUri: "s3://b/k",
      error: { type: "T", message: "" },
      merged: { key: "k", bytes: 3 },
      concluded: { redrive: 0, published: false },
      settled: { redrive: 0, finished: 1, times: 2 },
    });
    await run(ledger.recordJob(full));
    expect(await job("all")).toEqual(full);
  });

  it("is recorded once: another execution learns whose it is, the same one goes on", async () => {
    const first = jobRecord({ jobId: "once", executionArn: "arn:1" });
    expect(await run(ledger.recordJob(first))).toEqual({ recorded: true });
    expect(await run(ledger.recordJob(first))).toEqual({ recorded: true });
    expect(await run(ledger.recordJob({ ...first, executionArn: "arn:2" }))).toEqual({
      recorded: false,
      existing: first,
    });
  });

  it("of many deliveries at once is taken by one", async () => {
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        run(ledger.recordJob(jobRecord({ jobId: "race", executionArn: `arn:${n}` }))),
      ),
    );
    expect(results.filter(({ recorded }) => recorded)).toHaveLength(1);
  });

  it("is listed newest first", async () => {
    for (const day of [2, 4, 3]) {
      await run(ledger.recordJob(jobRecord({ jobId: `day-${day}`, submittedAt: `2030-01-0${day}T00:00:00Z` })));
    }
    const jobs = await run(ledger.listJobs(3));
    expect(jobs.map(({ jobId }) => jobId)).toEqual(["day-4", "day-3", "day-2"]);
  });

  it("has the plan that was claimed first, as JSON text for the state machine", async () => {
    await run(ledger.recordJob(jobRecord({ jobId: "claimed" })));
    expect(await run(ledger.claimPlan("claimed", plan({ total: 1 })))).toEqual(plan({ total: 1 }));
    expect(await run(ledger.claimPlan("claimed", plan({ total: 2 })))).toEqual(plan({ total: 1 }));
    expect(await job("claimed")).toMatchObject({ state: "RUNNING", plan: plan({ total: 1 }) });
    await run(ledger.claimMerge("claimed", { key: "first", bytes: 1 }));
    expect(await run(ledger.claimMerge("claimed", { key: "second", bytes: 2 }))).toEqual({ key: "first", bytes: 1 });
  });

  it("has each round once, and runs again", async () => {
    await run(ledger.recordJob(jobRecord({ jobId: "rounds", state: "FAILED", error: { type: "T", message: "m" } })));
    const settled = { redrive: 1, finished: 3, times: 1 };
    for (const total of [1, 2]) await run(ledger.claimRound("rounds", plan({ round: 1, total }), settled, 1));
    await run(ledger.claimRound("rounds", plan({ round: 2, single: chunk() }), settled));
    const record = await job("rounds");
    expect(record).toMatchObject({ state: "RUNNING", failedAtRedrive: 1, settled });
    expect(record.rounds).toEqual([plan({ round: 1, total: 1 }), plan({ round: 2 })]);
    expect(record.error).toBeUndefined();
  });

  it("adds up progress, and tells one caller at a time that it is due", async () => {
    await run(ledger.recordJob(jobRecord({ jobId: "progress" })));
    const step = { succeeded: 2, failed: 1, taskMilliseconds: 10, taskCount: 3 };
    await run(ledger.addProgress("progress", step));
    const record = await run(ledger.addProgress("progress", { ...step, failed: -1 }));
    expect(record).toMatchObject({ succeeded: 4, failed: 0, taskMilliseconds: 20, taskCount: 6 });
    const claims = await Promise.all(
      [1, 2, 3].map(() => run(ledger.claimProgressEvent("progress", new Date(20_000), new Date(10_000)))),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await run(ledger.claimProgressEvent("progress", new Date(29_000), new Date(19_000)))).toBe(false);
    expect(await run(ledger.claimProgressEvent("progress", new Date(30_000), new Date(20_000)))).toBe(true);
  });

  it("that is not there is named", async () => {
    expect(Option.isNone(await run(ledger.getJob("nobody")))).toBe(true);
    await expect(run(ledger.setState("nobody", "RUNNING"))).rejects.toMatchObject({
      name: "Grid.BrokenRecord",
      message: "job nobody is not in the ledger",
    });
  });
});

describe("a chunk in the ledger", () => {
  it("is open with the token of its last dispatch", async () => {
    expect(await opened("j", "t1", chunk({ indexes: [[1, 2]] }))).toMatchObject({
      state: "open",
      token: "t1",
      epoch: 1,
      sends: 1,
      chunk: { indexes: [[1, 2]] },
    });
    expect(await opened("j", "t2")).toMatchObject({ token: "t2", sends: 2 });
  });

  it("takes outcomes once, however often they are added, and says what it had before", async () => {
    await opened("sets", "t");
    const add = (ok: Set<number>, failed: Set<number>, start: number) =>
      run(ledger.addOutcomes("sets", "0", { ok, failed }, ref(start)));
    expect(Option.getOrThrow(await add(set(1), set(2), 50))).toMatchObject({ outcomes: { ok: set(), failed: set() } });
    await add(set(1), set(), 10);
    expect(Option.getOrThrow(await add(set(), set(), 10))).toMatchObject({
      outcomes: { ok: set(1), failed: set(2) },
      refs: [ref(10), ref(50)],
    });
    expect(Option.isNone(await run(ledger.addOutcomes("sets", "9", { ok: set(1), failed: set() }, ref(0))))).toBe(true);
  });

  it("turns full only on exactly the outcomes that were counted, once, and keeps what matters", async () => {
    await opened("fill", "t");
    const outcomes = { ok: set(0, 1, 2), failed: set(2, 3) };
    await run(ledger.addOutcomes("fill", "0", outcomes, ref(0)));
    expect(Option.isNone(await run(ledger.fillChunk("fill", "0", { ...outcomes, ok: set(0, 1) })))).toBe(true);
    expect(Option.getOrThrow(await run(ledger.fillChunk("fill", "0", outcomes)))).toMatchObject({
      state: "full",
      counts: { succeeded: 3, failed: 1 },
      outcomes: { ok: set(), failed: set(3) },
      refs: [ref(0)],
    });
    expect(Option.isNone(await run(ledger.fillChunk("fill", "0", outcomes)))).toBe(true);
    const late = await run(ledger.addOutcomes("fill", "0", { ok: set(3), failed: set() }, ref(9)));
    expect(Option.getOrThrow(late)).toMatchObject({ state: "full", refs: [ref(0)] });
  });

  it("turns full with failures only, and with successes only", async () => {
    const oneSided = [
      { ok: set(), failed: set(0) },
      { ok: set(0), failed: set() },
    ];
    for (const [n, outcomes] of oneSided.entries()) {
      await opened("one-sided", "t", chunk({ chunk: `${n}`, count: 1 }));
      await run(ledger.addOutcomes("one-sided", `${n}`, outcomes, ref(0)));
      expect(Option.isSome(await run(ledger.fillChunk("one-sided", `${n}`, outcomes)))).toBe(true);
    }
  });

  it("closes only for the token that is present, and then takes no dispatch", async () => {
    await opened("close", "t1", chunk({ count: 0 }));
    await run(ledger.fillChunk("close", "0", { ok: set(), failed: set() }));
    expect(await opened("close", "t2", chunk({ count: 0 }))).toMatchObject({ state: "full", token: "t2" });
    await run(ledger.closeChunk("close", "0", "t1"));
    expect(Option.getOrThrow(await run(ledger.getChunk("close", "0"))).state).toBe("full");
    await run(ledger.closeChunk("close", "0", "t2"));
    expect(await opened("close", "t3", chunk({ count: 0 }))).toMatchObject({ state: "closed", token: "t2" });
  });

  it("frozen keeps its outcomes and takes no more, dispatched before or not", async () => {
    await opened("frozen", "t");
    await run(ledger.addOutcomes("frozen", "0", { ok: set(1), failed: set() }, ref(0)));
    expect(await run(ledger.freezeChunk("frozen", chunk()))).toMatchObject({
      state: "frozen",
      outcomes: { ok: set(1) },
    });
    await run(ledger.addOutcomes("frozen", "0", { ok: set(2), failed: set() }, ref(0)));
    expect(await run(ledger.freezeChunk("frozen", chunk()))).toMatchObject({ outcomes: { ok: set(1) } });
    const never = chunk({ chunk: "7", first: 28 });
    expect(await run(ledger.freezeChunk("frozen", never))).toMatchObject({
      state: "frozen",
      chunk: never,
      token: undefined,
    });
    expect(await opened("frozen", "late", never)).toMatchObject({ state: "frozen" });
  });

  it("is read with hundreds of others, by number", async () => {
    const ids = Array.from({ length: 230 }, (_, n) => `${n}`);
    await Promise.all(ids.map((id) => opened("hundreds", "t", chunk({ chunk: id }))));
    const found = await run(ledger.getChunks("hundreds", [...ids, "999"]));
    expect([...found.keys()].sort()).toEqual([...ids].sort());
  });
});

describe("an application in the ledger", () => {
  it("has a mean task time in which each new measurement counts half", async () => {
    expect(Option.isNone(await run(ledger.taskSeconds("a")))).toBe(true);
    await run(ledger.recordTaskTime("a", 4));
    await run(ledger.recordTaskTime("a", 2));
    expect(await run(ledger.taskSeconds("a"))).toEqual(Option.some(3));
  });
});
