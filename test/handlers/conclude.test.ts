import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { DescribeExecutionCommand } from "@aws-sdk/client-sfn";
import { Option } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { handler } from "#handlers/conclude.ts";
import { callbacks } from "./callbacks.ts";
import { context, splitJob } from "./job.ts";
import { jobRecord, type Parts, startParts } from "./parts.ts";

let parts: Parts;
const aws = callbacks();

beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.close());
beforeEach(() => aws.reset());

const job = async (jobId: string) => Option.getOrThrow(await parts.run(parts.ledger.getJob(jobId)));
const request = (jobId: string, application = "squares") => ({
  version: "0",
  id: `event-${jobId}`,
  source: "test",
  "detail-type": "Grid Job Requested",
  time: "2026-01-01T00:00:00Z",
  detail: { application, jobId },
});
const ended = (jobId: string, detail: object = {}) => ({
  source: "aws.states",
  "detail-type": "Step Functions Execution Status Change",
  detail: {
    executionArn: `arn:${jobId}`,
    status: "FAILED",
    stopDate: Date.parse("2026-01-01T01:00:00Z"),
    input: JSON.stringify(request(jobId)),
    error: "Grid.TasksFailed",
    cause: JSON.stringify({ errorType: "Grid.TasksFailed", errorMessage: "3 of 9 tasks failed", trace: [] }),
    redriveCount: 0,
    ...detail,
  },
});
const conclude = (event: object) => handler(event, context);
const record = (jobId: string, changes: object = {}) =>
  splitJob(parts, 9, 4, { jobId, executionArn: `arn:${jobId}`, ...changes });

describe("a job that succeeded", () => {
  it("is recorded and published with its counts and where its results lie", async () => {
    await record("ok", { succeeded: 8, failed: 1, tags: { desk: "a" } });
    const output = await conclude({ jobId: "ok", redriveCount: 0 });
    const detail = {
      jobId: "ok",
      application: "squares",
      executionArn: "arn:ok",
      tags: { desk: "a" },
      tasks: { total: 9, succeeded: 8, failed: 1 },
      submittedAt: "2026-01-01T00:00:00Z",
      startedAt: "2026-01-01T00:00:01.000Z",
      finishedAt: expect.stringMatching(/Z$/),
      resultUri: "s3://bucket/jobs/ok/results.json",
    };
    expect(output).toEqual(detail);
    expect(aws.events()).toEqual([{ type: "Grid Job Succeeded", detail }]);
    expect(await job("ok")).toMatchObject({
      state: "SUCCEEDED",
      resultUri: "s3://bucket/jobs/ok/results.json",
      concluded: { redrive: 0, published: true },
    });
  });

  it("with a merge has the merge's result", async () => {
    await record("merged");
    await parts.run(parts.ledger.claimMerge("merged", { key: "jobs/merged/result/pod", bytes: 3 }));
    await conclude({ jobId: "merged", redriveCount: 0 });
    expect((await job("merged")).resultUri).toBe("s3://bucket/jobs/merged/result/pod");
  });

  it("after a redrive has no error any more", async () => {
    await record("recovered");
    await conclude(ended("recovered"));
    expect(await job("recovered")).toMatchObject({ state: "FAILED", error: { type: "Grid.TasksFailed" } });
    await conclude({ jobId: "recovered", redriveCount: 1 });
    const recovered = await job("recovered");
    expect(recovered.state).toBe("SUCCEEDED");
    expect(recovered.error).toBeUndefined();
    expect(aws.events().map(({ type }) => type)).toEqual(["Grid Job Failed", "Grid Job Succeeded"]);
  });

  it("is published once, though it is concluded again", async () => {
    await record("once");
    await conclude({ jobId: "once", redriveCount: 0 });
    await conclude({ jobId: "once", redriveCount: 0 });
    expect(aws.events()).toHaveLength(1);
  });

  it("that could not be published is published when it is concluded again", async () => {
    await record("unpublished");
    aws.bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: "InternalFailure" }] });
    await expect(conclude({ jobId: "unpublished", redriveCount: 0 })).rejects.toMatchObject({
      name: "AwsError",
      message: expect.stringMatching(/InternalFailure/),
    });
    aws.reset();
    await conclude({ jobId: "unpublished", redriveCount: 0 });
    expect(aws.events()).toMatchObject([{ type: "Grid Job Succeeded" }]);
  });

  it("leaves the mean time of its tasks to its application", async () => {
    await record("timed", { application: "packed", taskMilliseconds: 600, taskCount: 3 });
    await conclude({ jobId: "timed", redriveCount: 0 });
    expect(await parts.run(parts.ledger.taskSeconds("packed"))).toEqual(Option.some(0.2));
  });
});

describe("an execution that is redriven", () => {
  const running = (jobId: string, redriveCount: number) =>
    conclude(ended(jobId, { status: "RUNNING", stopDate: null, error: null, cause: null, redriveCount }));

  it("makes its job run again", async () => {
    await record("reopened");
    await conclude(ended("reopened", { status: "ABORTED" }));
    await running("reopened", 1);
    const reopened = await job("reopened");
    expect(reopened.state).toBe("RUNNING");
    expect(reopened.error).toBeUndefined();
    expect(reopened.finishedAt).toBeUndefined();
  });

  it("and has ended since, leaves its job as it is", async () => {
    await record("ended-since");
    await conclude(ended("ended-since"));
    await conclude(ended("ended-since", { redriveCount: 1 }));
    await running("ended-since", 1);
    expect((await job("ended-since")).state).toBe("FAILED");
  });

  it("is not meant by the start of an execution", async () => {
    await record("started");
    await running("started", 0);
    expect((await job("started")).state).toBe("RUNNING");
    await conclude({ jobId: "started", redriveCount: 0 });
    await running("started", 0);
    expect((await job("started")).state).toBe("SUCCEEDED");
  });
});

describe("an execution that did not succeed", () => {
  it("makes its job FAILED with what the failed Lambda said", async () => {
    await record("failed");
    await conclude(ended("failed"));
    expect(await job("failed")).toMatchObject({
      state: "FAILED",
      finishedAt: "2026-01-01T01:00:00.000Z",
      error: { type: "Grid.TasksFailed", message: "3 of 9 tasks failed" },
    });
    expect(aws.events()).toMatchObject([
      {
        type: "Grid Job Failed",
        detail: { jobId: "failed", error: { message: "3 of 9 tasks failed" }, tasks: { total: 9 } },
      },
    ]);
  });

  it("keeps a cause that is plain text, cut when it is long", async () => {
    await record("text");
    await conclude(ended("text", { error: "Grid.SplitFailed", cause: `exit code 3\n${"x".repeat(20_000)}` }));
    const { error } = await job("text");
    expect(error?.type).toBe("Grid.SplitFailed");
    expect(error?.message).toMatch(/^exit code 3\nx+…$/);
    expect(error?.message).toHaveLength(4097);
  });

  it("that was stopped makes its job CANCELLED", async () => {
    await record("stopped");
    await conclude(ended("stopped", { status: "ABORTED", error: null, cause: null }));
    expect(await job("stopped")).toMatchObject({ state: "CANCELLED", error: { type: "Grid.Cancelled" } });
    expect(aws.events()).toMatchObject([{ type: "Grid Job Cancelled" }]);
  });

  it("that timed out makes its job FAILED", async () => {
    await record("slow");
    await conclude(ended("slow", { status: "TIMED_OUT", error: null, cause: null }));
    expect(await job("slow")).toMatchObject({ state: "FAILED", error: { type: "States.Timeout" } });
  });

  it("whose event lacks input and cause is looked up", async () => {
    await record("large");
    aws.describes({ input: JSON.stringify(request("large")), error: "E", cause: "why", redriveCount: 0 });
    await conclude(ended("large", { input: null, error: null, cause: null }));
    expect(aws.states.commandCalls(DescribeExecutionCommand)[0]!.args[0].input).toEqual({ executionArn: "arn:large" });
    expect(await job("large")).toMatchObject({ error: { type: "E", message: "why" } });
  });

  it("of a refused request makes the recorded job FAILED", async () => {
    await parts.run(
      parts.ledger.recordJob(
        jobRecord({ jobId: "typo", application: "sqares", state: "PENDING", executionArn: "arn:typo" }),
      ),
    );
    await conclude(ended("typo", { input: JSON.stringify(request("typo", "sqares")), error: "Grid.BadRequest" }));
    expect(await job("typo")).toMatchObject({ state: "FAILED", error: { type: "Grid.BadRequest" } });
    expect(aws.events()).toMatchObject([
      { type: "Grid Job Failed", detail: { application: "sqares", tasks: { total: null } } },
    ]);
  });

  it("is told of once for each redrive", async () => {
    await record("again");
    await conclude(ended("again"));
    await conclude(ended("again"));
    await conclude(ended("again", { redriveCount: 1 }));
    await conclude(ended("again"));
    expect(aws.events()).toHaveLength(2);
    expect(await job("again")).toMatchObject({ concluded: { redrive: 1, published: true } });
  });

  it("that is a duplicate of another's job, or nobody's, changes nothing", async () => {
    await record("mine");
    await conclude(ended("mine", { executionArn: "arn:duplicate" }));
    await conclude(ended("nobody"));
    await conclude(ended("mine", { executionArn: "arn:child", input: '{"chunk":{}}' }));
    expect(await job("mine")).toMatchObject({ state: "RUNNING" });
    expect(aws.events()).toEqual([]);
  });

  it("of an application's own pattern is found by the jobs that its event may have started", async () => {
    const event = { ...request("x"), source: "desk", "detail-type": "Wanted", detail: { n: 1 } };
    await parts.run(parts.ledger.recordJob(jobRecord({ jobId: "listener-too-event-x", executionArn: "arn:second" })));
    await conclude(ended("x", { executionArn: "arn:second", input: JSON.stringify(event) }));
    expect(await job("listener-too-event-x")).toMatchObject({ state: "FAILED" });
  });
});
