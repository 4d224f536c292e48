import { RedriveExecutionCommand } from "@aws-sdk/client-sfn";
import { describe, expect, test } from "vitest";
import type { Errand } from "../fixtures/grid/errand.ts";
import { objectText } from "./inspect.ts";
import { gridForFile } from "./running-grid.ts";
import { runsIn } from "./shared-folder.ts";

const grid = gridForFile();

const TROUBLE = "no curve for EUR";

/** Errands that each bring their index, but for some. */
const errands = (count: number, others: Readonly<Record<number, Errand>>): Errand[] =>
  Array.from({ length: count }, (_, index) => others[index] ?? { bring: index });

const attemptsAt = async (jobId: string, index: number) =>
  (await runsIn(grid().shared(jobId))).filter((run) => run.index === index).map(({ attempt }) => attempt);

describe("a task that throws", () => {
  test("is tried as often as its application says and then named, and its neighbours succeed", async () => {
    const jobId = await grid().submit({ application: "errands", tasks: errands(6, { 1: { throwing: TROUBLE } }) });
    const { job, event } = await grid().end(jobId);

    expect(job).toMatchObject({ state: "FAILED", succeeded: 5, failed: 1 });
    expect(job.error).toEqual({
      type: "Grid.TasksFailed",
      message: expect.stringContaining(`task 1: RangeError: ${TROUBLE}`),
    });
    expect(event).toMatchObject({
      "detail-type": "Grid Job Failed",
      detail: { jobId, tasks: { total: 6, succeeded: 5, failed: 1 }, error: job.error },
    });
    const failed = { index: 1, error: { type: "RangeError", message: TROUBLE }, attempts: 3 };
    expect(await grid().results(jobId, { failedOnly: true })).toEqual([failed]);
    expect(await grid().results(jobId)).toEqual([
      { index: 0, output: 0 },
      failed,
      ...[2, 3, 4, 5].map((index) => ({ index, output: index })),
    ]);
    expect(await attemptsAt(jobId, 1)).toEqual([1, 2, 3]);
    expect(await attemptsAt(jobId, 0)).toEqual([1]);
    const [listed] = /s3:\S+(?=\. )/.exec(job.error!.message)!;
    expect(JSON.parse(await objectText(grid().aws, listed))).toEqual(failed);
  });

  test("that succeeds when it is tried again is a success like any other", async () => {
    const request = {
      application: "errands",
      jobId: "mended-in-time",
      tasks: [{ throwing: TROUBLE, times: 2 }],
    };
    await grid().submit(request);
    const { job } = await grid().end(request.jobId);
    expect(job).toMatchObject({ state: "SUCCEEDED", succeeded: 1, failed: 0 });
    expect((await grid().seeRuns(request.jobId, 3)).map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test("fails no job that tolerates it", async () => {
    const tasks = errands(5, { 4: { throwing: TROUBLE } });
    const jobId = await grid().submit({ application: "forgiving-errands", tasks });
    const { job } = await grid().end(jobId);
    expect(job).toMatchObject({ state: "SUCCEEDED", succeeded: 4, failed: 1 });
    expect(await grid().results(jobId, { failedOnly: true })).toMatchObject([{ index: 4, attempts: 3 }]);
  });

  test("fails a job that tolerates fewer", async () => {
    const tasks = errands(5, { 0: { throwing: TROUBLE }, 4: { throwing: TROUBLE } });
    const jobId = await grid().submit({ application: "forgiving-errands", tasks });
    const { job } = await grid().end(jobId);
    expect(job).toMatchObject({ state: "FAILED", succeeded: 3, failed: 2, error: { type: "Grid.TasksFailed" } });
  });
});

describe("a failed job that is redriven", () => {
  test.for([
    { chunks: "one chunk", count: 4 },
    { chunks: "several chunks", count: 10 },
  ])("runs its failed tasks only, and succeeds with all results, from $chunks", async ({ count }) => {
    const trouble = { bring: "mended", throwing: TROUBLE, until: "mended" };
    const tasks = errands(count, { 2: trouble, [count - 1]: trouble });
    const jobId = await grid().submit({ application: "errands", tasks });
    const { job: failed } = await grid().end(jobId);
    expect(failed).toMatchObject({ state: "FAILED", succeeded: count - 2, failed: 2 });

    await grid().allow(jobId, "mended");
    await grid().aws.sfn.send(new RedriveExecutionCommand({ executionArn: failed.executionArn }));
    const { job } = await grid().end(jobId);

    expect(job).toMatchObject({ state: "SUCCEEDED", succeeded: count, failed: 0 });
    expect(job.error).toBeUndefined();
    const mended = new Set([2, count - 1]);
    for (let index = 0; index < count; index++) {
      expect(await attemptsAt(jobId, index)).toEqual(mended.has(index) ? [1, 2, 3, 1] : [1]);
    }
    expect(await grid().results(jobId)).toEqual(
      tasks.map((_, index) => ({ index, output: mended.has(index) ? "mended" : index })),
    );
    expect(grid().milestonesOf(jobId)).toEqual(["Grid Job Started", "Grid Job Failed", "Grid Job Succeeded"]);
  });

  test("fails again when its cause is still there, and may be redriven again", async () => {
    const jobId = await grid().submit({ application: "errands", tasks: [{ throwing: TROUBLE, until: "mended" }] });
    const { job } = await grid().end(jobId);
    const redrive = new RedriveExecutionCommand({ executionArn: job.executionArn });
    await grid().aws.sfn.send(redrive);
    expect((await grid().end(jobId)).job.state).toBe("FAILED");
    await grid().allow(jobId, "mended");
    await grid().aws.sfn.send(redrive);
    expect((await grid().end(jobId)).job.state).toBe("SUCCEEDED");
    expect(await attemptsAt(jobId, 0)).toEqual([1, 2, 3, 1, 2, 3, 1]);
  });
});

test("a task that never returns is ended at its timeout, and its pack-mates succeed", async () => {
  const tasks = errands(4, { 1: { blocking: true } });
  const jobId = await grid().submit({ application: "hasty-errands", tasks });
  const { job } = await grid().end(jobId);
  expect(job).toMatchObject({ state: "FAILED", succeeded: 3, failed: 1, error: { type: "Grid.TasksFailed" } });
  const error = { type: "Grid.TaskTimedOut", message: expect.stringContaining("timeout of 1 s") };
  expect(await grid().results(jobId, { failedOnly: true })).toEqual([{ index: 1, error, attempts: 1 }]);
});
