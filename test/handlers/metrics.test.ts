import { afterAll, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { handler as accept } from "#handlers/accept.ts";
import { handler as collect } from "#handlers/collect.ts";
import { handler as conclude } from "#handlers/conclude.ts";
import { handler as dispatch } from "#handlers/dispatch.ts";
import { callbacks } from "./callbacks.ts";
import { batch, context, dispatchInput, section, splitJob } from "./job.ts";
import { type Parts, startParts } from "./parts.ts";

let parts: Parts;
let stdout: MockInstance<typeof process.stdout.write>;
const aws = callbacks();

beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.close());
beforeEach(() => {
  aws.reset();
  stdout = vi.spyOn(process.stdout, "write").mockReturnValue(true);
});

/** Metric lines that were written to the standard output, without what the format itself says. */
const metrics = () =>
  stdout.mock.calls
    .flatMap(([text]) => String(text).trim().split("\n"))
    .filter((line) => line.includes('"_aws"'))
    .map((line) => {
      const { _aws, ...values } = JSON.parse(line);
      return values;
    });

const squares = (job: string) => ({ grid: "grid", application: "squares", pool: "general", job });

const dispatched = async (jobId: string) => {
  for (const chunk of await splitJob(parts, 4, 4, { jobId }))
    await dispatch(dispatchInput(jobId, chunk, jobId), context);
  stdout.mockClear();
};

const request = (detail: object) => ({
  event: {
    version: "0",
    id: "event",
    source: "test",
    "detail-type": "Grid Job Requested",
    account: "000000000000",
    time: "2026-01-01T00:00:00Z",
    region: "us-east-1",
    resources: [],
    detail,
  },
  executionArn: "arn",
  startTime: "2026-01-01T00:00:01.000Z",
});

describe("metrics", () => {
  it("count a request that became a job", async () => {
    await accept(request({ application: "squares", jobId: "accepted" }), context);
    expect(metrics()).toEqual([{ ...squares("accepted"), JobsAccepted: 1 }]);
  });

  it("count each task that came to an outcome once, however often it was reported", async () => {
    await dispatched("twice");
    const body = section("twice", "0", [0, 1], [2]);
    await collect(batch(body), context);
    await collect(batch(body), context);
    expect(metrics()).toEqual([
      { ...squares("twice"), TasksSucceeded: 2, TasksFailed: 1 },
      { ...squares("twice"), TasksSucceeded: 0, TasksFailed: 0 },
    ]);
  });

  it("take a failure back when a success beats it", async () => {
    await dispatched("beaten");
    await collect(batch(section("beaten", "0", [], [1])), context);
    await collect(batch(section("beaten", "0", [1])), context);
    expect(metrics().at(-1)).toEqual({ ...squares("beaten"), TasksSucceeded: 1, TasksFailed: -1 });
  });

  it("are one line a job and batch of completions, not one a task or message", async () => {
    await dispatched("lines");
    await collect(batch(section("lines", "0", [0]), section("lines", "0", [1]), section("lines", "0", [2])), context);
    expect(metrics()).toEqual([{ ...squares("lines"), TasksSucceeded: 3, TasksFailed: 0 }]);
  });

  it("count completions that could not be taken in", async () => {
    await collect(batch("nonsense", "more of it"), context);
    expect(metrics()).toEqual([{ grid: "grid", CompletionsFailed: 2 }]);
  });

  it("tell how a job ended and how long it took, once", async () => {
    await splitJob(parts, 4, 4, { jobId: "ended", submittedAt: new Date(Date.now() - 60_000).toISOString() });
    await conclude({ jobId: "ended", redriveCount: 0 }, context);
    await conclude({ jobId: "ended", redriveCount: 0 }, context);
    expect(metrics()).toEqual([{ ...squares("ended"), JobsSucceeded: 1, JobTime: expect.closeTo(60, -1) }]);
  });

  it("have no dimension that a producer makes up", async () => {
    await splitJob(parts, 4, 4, { jobId: "made-up", application: "nobody-knows-it" });
    await conclude({ jobId: "made-up", redriveCount: 0 }, context);
    expect(metrics()).toEqual([{ grid: "grid", job: "made-up", JobsSucceeded: 1, JobTime: expect.any(Number) }]);
  });
});
