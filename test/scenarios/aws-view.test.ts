import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { CreateArchiveCommand } from "@aws-sdk/client-eventbridge";
import { ListObjectsV2Command, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import {
  CreateActivityCommand,
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
} from "@aws-sdk/client-sfn";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { beforeAll, describe, expect, test } from "vitest";
import type { JobRecord } from "#grid/job.ts";
import { eventually } from "./eventually.ts";
import { history, queuesWithMessages, stateMachineOf } from "./inspect.ts";
import { gridForFile } from "./running-grid.ts";

const grid = gridForFile();

describe("of a finished job of three chunks, with the AWS SDK one sees", () => {
  let job: JobRecord;

  beforeAll(async () => {
    const jobId = await grid().submit({ application: "squares", input: { tasks: 25 } });
    job = (await grid().end(jobId)).job;
  });

  test("its execution, with the event that asked for it, what it returned and how it went", async () => {
    const { sfn } = grid().aws;
    const { executionArn } = job;
    const ended = await eventually(async () => {
      const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      expect(found.status).toBe("SUCCEEDED");
      return found;
    });
    expect(JSON.parse(ended.input!)).toMatchObject({ detail: { application: "squares", input: { tasks: 25 } } });
    const stateMachineArn = stateMachineOf(executionArn);
    const listed = await sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: "SUCCEEDED" }));
    expect(listed.executions).toMatchObject([{ executionArn, stateMachineArn, status: "SUCCEEDED", redriveCount: 0 }]);
    const events = await history(grid().aws, executionArn);
    expect(events.map(({ id }) => id)).toEqual(events.map((_, at) => at + 1));
    expect(events[0]).toMatchObject({ type: "ExecutionStarted" });
    expect(events.at(-1)).toMatchObject({
      type: "ExecutionSucceeded",
      executionSucceededEventDetails: { output: ended.output },
    });
  });

  test("its Map Run, and a child execution a chunk", async () => {
    const { sfn } = grid().aws;
    const { mapRuns } = await sfn.send(new ListMapRunsCommand({ executionArn: job.executionArn }));
    expect(mapRuns).toHaveLength(1);
    const { mapRunArn } = mapRuns![0]!;
    const counts = { total: 3, succeeded: 3, pending: 0, running: 0, failed: 0, timedOut: 0, aborted: 0 };
    expect(await sfn.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
      executionArn: job.executionArn,
      status: "SUCCEEDED",
      itemCounts: counts,
      executionCounts: counts,
    });
    const { executions } = await sfn.send(new ListExecutionsCommand({ mapRunArn }));
    expect(executions!.map(({ status }) => status)).toEqual(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
  });

  test("its record and its closed chunks in the ledger", async () => {
    const { Items } = await grid().aws.dynamodb.send(new ScanCommand({ TableName: grid().local.names.ledger }));
    const states = Items!.flatMap(({ pk, state }) => (state === undefined ? [] : [[pk!.S, state.S]]));
    expect(Object.fromEntries(states)).toEqual({
      [`job#${job.jobId}`]: "SUCCEEDED",
      [`chunk#${job.jobId}#0`]: "closed",
      [`chunk#${job.jobId}#1`]: "closed",
      [`chunk#${job.jobId}#2`]: "closed",
    });
  });

  test("its objects in the bucket", async () => {
    const { bucket: Bucket } = grid().local.names;
    const { Contents } = await grid().aws.s3.send(new ListObjectsV2Command({ Bucket, Prefix: `jobs/${job.jobId}/` }));
    const folders = Contents!.map(({ Key }) => Key!.split("/")[2]);
    expect(new Set(folders)).toEqual(new Set(["input.json", "map-runs", "result", "results", "results.json", "split"]));
    expect(Contents!.every(({ Size }) => Size! > 0)).toBe(true);
  });

  test("no message in any queue", async () => {
    await eventually(async () => expect(await queuesWithMessages(grid().aws)).toEqual([]));
  });
});

describe("what the local cloud does not do, it refuses by name:", () => {
  test("an action of Step Functions", async () => {
    const asked = grid().aws.sfn.send(new CreateActivityCommand({ name: "drive" }));
    await expect(asked).rejects.toThrow(/CreateActivity/);
  });

  test("an attribute of a queue", async () => {
    const Attributes = { FifoQueue: "true" };
    const asked = grid().aws.sqs.send(new CreateQueueCommand({ QueueName: "ordered.fifo", Attributes }));
    await expect(asked).rejects.toThrow(/FIFO/i);
  });

  test("a sub-resource of a bucket", async () => {
    const asked = grid().aws.s3.send(
      new PutBucketVersioningCommand({
        Bucket: grid().local.names.bucket,
        VersioningConfiguration: { Status: "Enabled" },
      }),
    );
    await expect(asked).rejects.toThrow(/versioning/i);
  });

  test("an action of EventBridge", async () => {
    const asked = grid().aws.events.send(new CreateArchiveCommand({ ArchiveName: "a", EventSourceArn: "arn:aws:x" }));
    await expect(asked).rejects.toThrow(/CreateArchive/);
  });
});
