import { PutObjectCommand } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand } from "@aws-sdk/client-sfn";
import { describe, expect, test } from "vitest";
import { taskQueueName } from "#grid/names.ts";
import { eventually } from "./eventually.ts";
import { executionsOf, messagesIn, objectText, statesEntered } from "./inspect.ts";
import { gridForFile } from "./running-grid.ts";
import { runsIn } from "./shared-folder.ts";

const grid = gridForFile();

const squares = (tasks: number, from = 0) =>
  Array.from({ length: tasks }, (_, index) => ({ index, output: (from + index) ** 2 }));

describe("one event", () => {
  test("makes one job, which goes through the whole flow and ends with one event that tells counts and result", async () => {
    const tags = { desk: "geometry" };
    const jobId = await grid().submit({ application: "squares", input: { tasks: 25 }, tags });
    const { job, event } = await grid().end(jobId);

    expect(job).toMatchObject({ application: "squares", state: "SUCCEEDED", succeeded: 25, failed: 0, tags });
    expect(event).toMatchObject({
      "detail-type": "Grid Job Succeeded",
      detail: {
        jobId,
        application: "squares",
        executionArn: job.executionArn,
        tags,
        tasks: { total: 25, succeeded: 25, failed: 0 },
        submittedAt: job.submittedAt,
        startedAt: job.startedAt,
        finishedAt: job.finishedAt,
        resultUri: job.resultUri,
      },
    });
    expect(await grid().results(jobId)).toEqual(squares(25));
    const sum = squares(25).reduce((total, { output }) => total + output, 0);
    expect(JSON.parse(await objectText(grid().aws, job.resultUri!))).toEqual({ sum, inOrder: true });
    expect(await statesEntered(grid().aws, job.executionArn)).toEqual([
      "Accept",
      "What to do",
      "Split",
      "Plan",
      "How many chunks",
      "Fan out",
      "Settle",
      "Settled",
      "Merge",
      "Conclude",
    ]);
    expect(grid().milestonesOf(jobId)).toEqual(["Grid Job Started", "Grid Job Succeeded"]);
  });

  test("of an application's own pattern makes a job whose input is its detail", async () => {
    const eventId = await grid().put("Squares Wanted", { tasks: 3, from: 7 }, "desk.geometry");
    const jobId = `squares-${eventId}`;
    await grid().end(jobId);
    expect(await grid().results(jobId)).toEqual(squares(3, 7));
  });

  test("delivered twice makes one job: the second execution ends as a duplicate that points to the first", async () => {
    const request = { application: "errands", jobId: "delivered-twice", tasks: [{}, {}, {}] };
    await Promise.all([grid().submit(request), grid().submit(request)]);
    const { job } = await grid().end(request.jobId);
    const executions = await eventually(async () => {
      const found = await executionsOf(grid().aws, job);
      expect(found.map(({ status }) => status)).toEqual(["SUCCEEDED", "SUCCEEDED"]);
      return found;
    });
    const duplicate = executions.find(({ executionArn }) => executionArn !== job.executionArn)!;
    const { output } = await grid().aws.sfn.send(
      new DescribeExecutionCommand({ executionArn: duplicate.executionArn }),
    );
    expect(JSON.parse(output!)).toEqual({
      next: "duplicate",
      jobId: request.jobId,
      executionArn: job.executionArn,
    });
    const runs = await runsIn(grid().shared(request.jobId));
    expect(runs.map(({ index }) => index).toSorted()).toEqual([0, 1, 2]);
  });
});

test("two jobs at once both finish, each with its own results", async () => {
  const jobs = [
    { tasks: 30, from: 0 },
    { tasks: 20, from: 1000 },
  ];
  const ids = await Promise.all(jobs.map((input) => grid().submit({ application: "squares", input })));
  for (const [at, jobId] of ids.entries()) {
    const { job } = await grid().end(jobId);
    expect(job.state).toBe("SUCCEEDED");
    expect(await grid().results(jobId)).toEqual(squares(jobs[at]!.tasks, jobs[at]!.from));
  }
});

describe("a job", () => {
  test("of no task succeeds and still runs its merge", async () => {
    const jobId = await grid().submit({ application: "squares", input: { tasks: 0 } });
    const { job, event } = await grid().end(jobId);
    expect(event.detail["tasks"]).toEqual({ total: 0, succeeded: 0, failed: 0 });
    expect(JSON.parse(await objectText(grid().aws, job.resultUri!))).toEqual({ sum: 0, inOrder: true });
    expect(await grid().results(jobId)).toEqual([]);
  });

  test("of one task needs no Map", async () => {
    const jobId = await grid().submit({ application: "squares", input: { tasks: 1, from: 5 } });
    const { job } = await grid().end(jobId);
    expect(await grid().results(jobId)).toEqual(squares(1, 5));
    const states = await statesEntered(grid().aws, job.executionArn);
    expect(states).toContain("Dispatch the only chunk");
    expect(states).not.toContain("Fan out");
  });

  test("may bring a few tasks in its event: no master splits", async () => {
    const tasks = [{ bring: "a" }, { bring: null }, { bring: [1, { b: 2 }] }];
    const jobId = await grid().submit({ application: "errands", tasks });
    const { job } = await grid().end(jobId);
    expect(await grid().results(jobId)).toEqual(tasks.map(({ bring }, index) => ({ index, output: bring })));
    expect(await statesEntered(grid().aws, job.executionArn)).not.toContain("Split");
  });

  test("may bring no task at all", async () => {
    const jobId = await grid().submit({ application: "errands", tasks: [] });
    const { event } = await grid().end(jobId);
    expect(event.detail["tasks"]).toEqual({ total: 0, succeeded: 0, failed: 0 });
  });

  test("may bring its tasks as a file in S3, in place of its split's", async () => {
    const numbers = Array.from({ length: 45 }, (_, at) => 3 * at);
    const { bucket: Bucket } = grid().local.names;
    const Body = numbers.map((number) => `${JSON.stringify({ number })}\n`).join("");
    await grid().aws.s3.send(new PutObjectCommand({ Bucket, Key: "brought/tasks.jsonl", Body }));
    const jobId = await grid().submit({ application: "squares", tasksUri: `s3://${Bucket}/brought/tasks.jsonl` });
    await grid().end(jobId);
    const rows = await grid().results(jobId);
    expect(rows).toEqual(numbers.map((number, index) => ({ index, output: number ** 2 })));
  });

  test("waits in the queue of its priority", async () => {
    const jobId = await grid().submit({
      application: "errands",
      jobId: "low-priority",
      priority: "low",
      tasks: [{ after: "go" }],
    });
    const low = taskQueueName(grid().local.names.grid, "general", "low");
    await eventually(async () => expect(await messagesIn(grid().aws, low)).toMatchObject({ inFlight: 1 }));
    await grid().allow(jobId, "go");
    const { job } = await grid().end(jobId);
    expect(job).toMatchObject({ priority: "low", state: "SUCCEEDED" });
  });

  test("may be of commands, which read and print text", async () => {
    const jobId = await grid().submit({ application: "shouting", input: ["a", { b: "c" }] });
    const { job } = await grid().end(jobId);
    expect(await objectText(grid().aws, job.resultUri!)).toBe('{"index":0,"output":["A",{"B":"C"}]}\n');
  });
});

test("no start and no end was told twice", () => {
  const { events } = grid();
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  for (const jobId of new Set(events.map(({ detail }) => detail.jobId))) {
    expect(grid().milestonesOf(jobId)).toEqual(["Grid Job Started", "Grid Job Succeeded"]);
  }
});
