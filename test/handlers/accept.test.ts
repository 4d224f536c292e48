import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Context } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { Option } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { handler } from "#handlers/accept.ts";
import { type Parts, startParts } from "./parts.ts";

let parts: Parts;
const bus = mockClient(EventBridgeClient);
let events = 0;

beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.close());
beforeEach(() => {
  bus.reset();
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: "e" }] });
});

const requested = (detail: unknown, more: object = {}) => ({
  version: "0",
  id: `event-${++events}`,
  source: "test",
  "detail-type": "Grid Job Requested",
  account: "000000000000",
  time: "2026-01-01T00:00:00Z",
  region: "us-east-1",
  resources: [],
  detail,
  ...more,
});

const accept = (event: object, executionArn = `arn:execution:${events}`) =>
  handler({ event, executionArn, startTime: "2026-01-01T00:00:01.000Z" }, {} as Context) as Promise<
    Record<string, unknown>
  >;

const job = async (jobId: string) => Option.getOrThrow(await parts.run(parts.ledger.getJob(jobId)));
const published = () => bus.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries![0]!);

describe("a request", () => {
  it("becomes a job that its application's split prepares, and is told of on the bus", async () => {
    const output = await accept(
      requested({ application: "squares", jobId: "one", input: { n: 3 }, priority: "high", tags: { desk: "a" } }),
    );
    expect(output).toEqual({
      next: "prepare",
      jobId: "one",
      application: "squares",
      pool: "general",
      priority: "high",
      phase: "split",
      deadlineSeconds: 86_400,
      maxConcurrency: 100,
      failFast: false,
    });
    expect(await job("one")).toMatchObject({
      state: "SPLITTING",
      inputUri: "s3://bucket/jobs/one/input.json",
      submittedAt: "2026-01-01T00:00:00Z",
      tags: { desk: "a" },
    });
    expect(await parts.run(parts.objects.text("jobs/one/input.json"))).toBe('{"n":3}');
    expect(published()).toMatchObject([{ EventBusName: "bus", Source: "burstgrid", DetailType: "Grid Job Started" }]);
    expect(JSON.parse(published()[0]!.Detail!)).toMatchObject({ jobId: "one", application: "squares" });
  });

  it("without a job id is known by application and event", async () => {
    const event = requested({ application: "squares" });
    expect(await accept(event)).toMatchObject({ jobId: `squares-${event.id}` });
  });

  it("that is delivered twice is one job, and the second delivery points to the first", async () => {
    const event = requested({ application: "squares", jobId: "twice" });
    await accept(event, "arn:first");
    bus.resetHistory();
    expect(await accept(event, "arn:second")).toEqual({
      next: "duplicate",
      jobId: "twice",
      executionArn: "arn:first",
    });
    expect(published()).toEqual([]);
    expect(await job("twice")).toMatchObject({ executionArn: "arn:first" });
  });

  it("whose Accept is tried again goes on as if for the first time", async () => {
    const event = requested({ application: "no-split", jobId: "again", tasks: [1, 2, 3] });
    const first = await accept(event, "arn:again");
    expect(await accept(event, "arn:again")).toEqual(first);
  });

  it("with another event of the same job id leaves the first job's input alone", async () => {
    await accept(requested({ application: "squares", jobId: "kept", input: 1 }), "arn:a");
    await accept(requested({ application: "squares", jobId: "kept", input: 2 }), "arn:b");
    expect(await parts.run(parts.objects.text("jobs/kept/input.json"))).toBe("1");
  });
});

describe("tasks that a job brings", () => {
  it("inline are stored and indexed at once, and the plan is claimed", async () => {
    const output = await accept(requested({ application: "no-split", jobId: "inline", tasks: ["ä", { b: 1 }, 3] }));
    expect(output).toMatchObject({ next: "ready", phase: "index" });
    const text = '"ä"\n{"b":1}\n3\n';
    expect(await parts.run(parts.objects.text("jobs/inline/inline/tasks.jsonl"))).toBe(text);
    const chunks = (await parts.run(parts.objects.text("jobs/inline/inline/chunks.jsonl"))).trimEnd().split("\n");
    expect(chunks.map((line) => JSON.parse(line))).toEqual([
      { chunk: "0", first: 0, count: 2, start: 0, end: 13 },
      { chunk: "1", first: 2, count: 1, start: 13, end: 15 },
    ]);
    expect(await job("inline")).toMatchObject({
      state: "RUNNING",
      plan: { chunks: 2, total: 3, round: 0, chunksKey: "jobs/inline/inline/chunks.jsonl" },
    });
  });

  it("may be none at all", async () => {
    await accept(requested({ application: "no-split", jobId: "none", tasks: [] }));
    expect((await job("none")).plan).toMatchObject({ chunks: 0, total: 0 });
  });

  it("in one chunk carry it in the plan", async () => {
    await accept(requested({ application: "no-split", jobId: "single", tasks: [1] }));
    expect((await job("single")).plan).toMatchObject({ single: { chunk: "0", count: 1 } });
  });

  it("in S3 are indexed by a master, even where the application has a split", async () => {
    const output = await accept(requested({ application: "squares", jobId: "uri", tasksUri: "s3://b/tasks.jsonl" }));
    expect(output).toMatchObject({ next: "prepare", phase: "index" });
    expect(await job("uri")).toMatchObject({ tasksUri: "s3://b/tasks.jsonl", state: "SPLITTING" });
  });
});

describe("an application's own pattern", () => {
  const wanted = { source: "desk", "detail-type": "Wanted" };

  it("starts a job with the event's detail as input", async () => {
    const event = requested({ n: 7 }, wanted);
    expect(await accept(event)).toMatchObject({ jobId: `listener-${event.id}`, application: "listener" });
    expect(await parts.run(parts.objects.text(`jobs/listener-${event.id}/input.json`))).toBe('{"n":7}');
  });

  it("shared by two applications gives each a job, whichever execution comes first, and a third is a duplicate", async () => {
    const event = requested({ n: 7 }, wanted);
    expect(await accept(event, "arn:x")).toMatchObject({ application: "listener" });
    expect(await accept(event, "arn:y")).toMatchObject({ application: "listener-too" });
    expect(await accept(event, "arn:y")).toMatchObject({ application: "listener-too" });
    expect(await accept(event, "arn:z")).toMatchObject({ next: "duplicate", executionArn: "arn:x" });
  });
});

describe("a request that cannot be served", () => {
  const refused = (event: object) => expect(accept(event, "arn:refused")).rejects;
  const badRequest = (message: RegExp) =>
    expect.objectContaining({ name: "Grid.BadRequest", message: expect.stringMatching(message) });

  it("names the applications there are when its own is unknown, and is recorded for Conclude", async () => {
    await refused(requested({ application: "sqares", jobId: "typo" })).toEqual(
      badRequest(/job typo: there is no application "sqares" \(applications: squares, merged, /),
    );
    expect(await job("typo")).toMatchObject({ state: "PENDING", application: "sqares", executionArn: "arn:refused" });
    expect(published()).toEqual([]);
  });

  it("names every field that does not fit", async () => {
    const event = requested({ application: "squares", priority: "urgent", taks: [] });
    await refused(event).toEqual(badRequest(/priority: .*taks: there is no such field|taks: .*priority: /s));
    expect(await job(`squares-${event.id}`)).toMatchObject({ state: "PENDING" });
  });

  it("is recorded even when its detail says nothing", async () => {
    const event = requested("what?");
    await refused(event).toEqual(badRequest(/the detail does not fit/));
    expect(await job(`unknown-${event.id}`)).toMatchObject({ application: "unknown" });
  });

  it("says so when neither the job nor the application has tasks", async () => {
    await refused(requested({ application: "no-split" })).toEqual(
      badRequest(/no-split has no split.*tasks or tasksUri/),
    );
  });

  it("names what is wrong in an input that the application's schema does not allow", async () => {
    await refused(requested({ application: "typed", input: { paths: "many" } })).toEqual(
      badRequest(/paths: must be integer/),
    );
    await refused(requested({ application: "typed" })).toEqual(badRequest(/must be object/));
  });

  it("is told to use S3 when input and tasks are too large for an event", async () => {
    const tasks = Array.from({ length: 9 }, () => "x".repeat(15_000));
    await refused(requested({ application: "no-split", tasks })).toEqual(badRequest(/131072 bytes.*135018.*tasksUri/));
  });

  it("names an input object that is not there", async () => {
    await refused(requested({ application: "typed", inputUri: "s3://bucket/nothing.json" })).toEqual(
      badRequest(/inputUri s3:\/\/bucket\/nothing.json cannot be read: NoSuchKey/),
    );
  });

  it("delivered twice fails once", async () => {
    const event = requested({ application: "nobody", jobId: "bad-twice" });
    await refused(event).toEqual(badRequest(/nobody/));
    expect(await accept(event, "arn:other")).toMatchObject({ next: "duplicate", executionArn: "arn:refused" });
  });
});

it("chunks are larger where the measured time of a task lets a message hold several", async () => {
  await parts.run(parts.ledger.recordTaskTime("squares", 0.001));
  const tasks = Array.from({ length: 2000 }, (_, n) => n);
  await accept(requested({ application: "squares", jobId: "measured", tasks }));
  expect((await job("measured")).plan).toMatchObject({ chunks: 1 });
});
