import { SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { Option } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { handler } from "#handlers/collect.ts";
import { handler as dispatchHandler } from "#handlers/dispatch.ts";
import { callbacks } from "./callbacks.ts";
import { batch, context, dispatchInput, section, splitJob } from "./job.ts";
import { type Parts, startParts } from "./parts.ts";

let parts: Parts;
const aws = callbacks();

beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.close());
beforeEach(() => aws.reset());

const collect = (...bodies: string[]) => handler(batch(...bodies), context);
const taken = { batchItemFailures: [] };
const failed = (...ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
const job = async (jobId: string) => Option.getOrThrow(await parts.run(parts.ledger.getJob(jobId)));
const chunk = async (jobId: string, id: string) => Option.getOrThrow(await parts.run(parts.ledger.getChunk(jobId, id)));

/** A job of chunks of 4 tasks, each dispatched with the token `<job>-<chunk>`. */
const dispatched = async (jobId: string, total: number, application = "squares") => {
  const chunks = await splitJob(parts, total, 4, { jobId, application });
  for (const one of chunks) {
    await dispatchHandler(dispatchInput(jobId, one, `${jobId}-${one.chunk}`, { application }), context);
  }
};

describe("collect", () => {
  it("ends the state of a chunk when its last task has an outcome, and not before", async () => {
    await dispatched("a", 8);
    expect(await collect(section("a", "0", [0, 1]), section("a", "1", [4, 5, 6, 7]))).toEqual(taken);
    expect(aws.successes()).toEqual([{ token: "a-1", output: { chunk: "1", succeeded: 4, failed: 0 } }]);
    expect(await collect(section("a", "0", [2], [3]))).toEqual(taken);
    expect(aws.successes().at(-1)).toEqual({ token: "a-0", output: { chunk: "0", succeeded: 3, failed: 1 } });
    expect((await chunk("a", "0")).state).toBe("closed");
    expect(await job("a")).toMatchObject({ succeeded: 7, failed: 1, taskCount: 8, taskMilliseconds: 16 });
  });

  it("keeps the rows as the worker wrote them, found by the chunk's references", async () => {
    await dispatched("rows", 8);
    await collect(section("rows", "0", [1]), `${section("rows", "1", [4, 6])}${section("rows", "0", [0])}`);
    const [ref] = (await chunk("rows", "1")).refs;
    const bytes = await parts.run(
      parts.objects.range(`jobs/rows/results/${ref!.segment}.jsonl`, ref!.start, ref!.start + ref!.length),
    );
    expect(bytes.toString()).toBe('{"index":4,"output":40}\n{"index":6,"output":60}\n');
    const [other] = (await chunk("rows", "0")).refs;
    expect(other).toMatchObject({ segment: ref!.segment, start: 0, length: 47 });
  });

  it("counts a repeated completion once", async () => {
    await dispatched("twice", 4);
    const body = section("twice", "0", [0, 1], [2]);
    await collect(body, body);
    await collect(body);
    expect(await job("twice")).toMatchObject({ succeeded: 2, failed: 1 });
    expect(aws.successes()).toEqual([]);
  });

  it("lets a success beat a failure, in the counts too", async () => {
    await dispatched("beats", 4);
    await collect(section("beats", "0", [], [0, 1]));
    await collect(section("beats", "0", [0, 2, 3]));
    expect(aws.successes()).toMatchObject([{ output: { succeeded: 3, failed: 1 } }]);
    expect(await job("beats")).toMatchObject({ succeeded: 3, failed: 1 });
    expect(await chunk("beats", "0")).toMatchObject({ outcomes: { ok: new Set(), failed: new Set([1]) } });
  });

  it("returns only the messages that are no completions", async () => {
    await dispatched("mixed", 4);
    const cut = section("mixed", "0", [3]).slice(0, -4);
    expect(await collect("nonsense", section("mixed", "0", [0, 1, 2]), cut, '{"v":2}\n')).toEqual(
      failed("m0", "m2", "m3"),
    );
    expect(await job("mixed")).toMatchObject({ succeeded: 3 });
  });

  it("drops completions of chunks that nobody knows", async () => {
    expect(await collect(section("nobody", "0", [0]))).toEqual(taken);
  });

  it("drops results of a chunk that Settle gave up", async () => {
    await dispatched("frozen", 4);
    const { chunk: given } = await chunk("frozen", "0");
    await parts.run(parts.ledger.freezeChunk("frozen", given));
    await collect(section("frozen", "0", [0, 1, 2, 3]));
    expect(aws.successes()).toEqual([]);
    expect(await job("frozen")).toMatchObject({ succeeded: 0 });
  });

  it("returns the messages of a chunk whose state could not be told, and tells it when they come again", async () => {
    await dispatched("retold", 8);
    aws.states.on(SendTaskSuccessCommand, { taskToken: "retold-0" }).rejects(new Error("throttled"));
    const bodies = [section("retold", "0", [0, 1, 2, 3]), section("retold", "1", [4])];
    expect(await collect(...bodies)).toEqual(failed("m0"));
    expect((await chunk("retold", "0")).state).toBe("full");
    aws.reset();
    expect(await collect(bodies[0]!)).toEqual(taken);
    expect(aws.successes()).toMatchObject([{ token: "retold-0" }]);
    expect((await chunk("retold", "0")).state).toBe("closed");
    expect(await job("retold")).toMatchObject({ succeeded: 5 });
  });

  it("leaves a chunk full when nobody waits for its token, so that the next dispatch ends its own state", async () => {
    await dispatched("gone", 4);
    aws.tokenIsGone("gone-0");
    await collect(section("gone", "0", [0, 1, 2, 3]));
    const record = await chunk("gone", "0");
    expect(record.state).toBe("full");
    await dispatchHandler(dispatchInput("gone", record.chunk, "gone-again"), context);
    expect(aws.successes().at(-1)).toMatchObject({ token: "gone-again" });
    expect((await chunk("gone", "0")).state).toBe("closed");
  });

  it("tries the token that a dispatch put in meanwhile", async () => {
    await dispatched("raced", 4);
    const record = await chunk("raced", "0");
    aws.states.on(SendTaskSuccessCommand, { taskToken: "raced-0" }).callsFake(async () => {
      await parts.run(
        parts.ledger.openChunk("raced", record.chunk, { token: "newer", epoch: 0, lane: "bulk", now: new Date() }),
      );
      throw Object.assign(new Error("gone"), { name: "TaskDoesNotExist" });
    });
    await collect(section("raced", "0", [0, 1, 2, 3]));
    expect(aws.successes().at(-1)).toMatchObject({ token: "newer" });
    expect((await chunk("raced", "0")).state).toBe("closed");
  });

  it("fails the state of a chunk with failures when its application fails fast", async () => {
    await dispatched("hasty", 8, "hasty");
    await collect(section("hasty", "0", [0, 1, 2], [3], "hasty"), section("hasty", "1", [4, 5, 6, 7], [], "hasty"));
    expect(aws.failures()).toMatchObject([{ taskToken: "hasty-0", error: "Grid.TasksFailed" }]);
    expect(aws.successes()).toMatchObject([{ token: "hasty-1" }]);
  });

  it("tells of progress at most once in ten seconds, whoever collects", async () => {
    await dispatched("told", 12);
    await Promise.all([0, 4, 8].map((first) => collect(section("told", `${first / 4}`, [first]))));
    await collect(section("told", "0", [1]));
    expect(aws.events()).toMatchObject([
      { type: "Grid Job Progressed", detail: { jobId: "told", tasks: { total: 12 } } },
    ]);
  });

  it("of many batches at once fills each chunk exactly once, with exact counts", async () => {
    await dispatched("many", 40);
    const bodies = Array.from({ length: 40 }, (_, n) => section("many", `${Math.floor(n / 4)}`, [n]));
    const shuffled = [...bodies, ...bodies].sort(() => Math.random() - 0.5);
    await Promise.all(Array.from({ length: 16 }, (_, n) => collect(...shuffled.slice(n * 5, n * 5 + 5))));
    expect(await job("many")).toMatchObject({ succeeded: 40, failed: 0 });
    const answered = new Set(aws.successes().map(({ token }) => token));
    expect(answered.size).toBe(10);
    for (let n = 0; n < 10; n++) expect((await chunk("many", `${n}`)).state).toBe("closed");
  });
});
