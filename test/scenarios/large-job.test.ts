import { expect, test } from "vitest";
import { countCalls } from "./calls.ts";
import { eventually } from "./eventually.ts";
import { queuesWithMessages } from "./inspect.ts";
import { processesNaming } from "./processes.ts";
import { gridForFile } from "./running-grid.ts";

const grid = gridForFile();

const TASKS = 100_000;

/**
 * Of 25 chunks and 100 packs. Measured: SQS 127, DynamoDB 167, S3 36, Step Functions 26, EventBridge 3; twice to three times that is
 * allowed, since a slow machine makes smaller batches and more polls of them.
 */
const MOST_CALLS = { sqs: 400, dynamodb: 400, s3: 100, states: 60, events: 6 };

test("a job of 100,000 tasks that do nothing brings each result once, for few AWS calls, and leaves nothing behind", async () => {
  const before = grid().local.calls();
  const jobId = await grid().submit({ application: "no-op", input: { tasks: TASKS } });
  const { job } = await grid().end(jobId);
  const calls = countCalls(before, grid().local.calls());
  expect(job).toMatchObject({ state: "SUCCEEDED", succeeded: TASKS, failed: 0 });

  const rows = await grid().results(jobId);
  expect(rows).toHaveLength(TASKS);
  expect(rows.findIndex((row, at) => row.index !== at || !("output" in row))).toBe(-1);

  for (const [service, most] of Object.entries(MOST_CALLS)) expect(calls[service], service).toBeLessThanOrEqual(most);
  await eventually(async () => expect(await queuesWithMessages(grid().aws)).toEqual([]));
  const running = async (program: RegExp) =>
    (await processesNaming(grid().state)).filter(({ command }) => program.test(command));
  await eventually(async () => expect(await running(/master\.mjs/)).toEqual([]));
  expect((await running(/^\S*node \S*worker\.mjs/)).length).toBeLessThanOrEqual(2);
});
