import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Effect } from "effect";
import type { GridDefinition } from "#grid/definition.ts";
import type { JobRecord } from "#grid/job.ts";
import { type LedgerShape, makeLedger } from "#grid/ledger.ts";
import { decodePack, type Pack } from "#grid/message.ts";
import { ENV, PRIORITIES, taskQueueName } from "#grid/names.ts";
import { makeObjects, type ObjectsShape } from "#grid/objects.ts";
import { startGateway } from "#local/gateway.ts";
import { openObjects } from "#local/objects.ts";
import { openQueues } from "#local/queues.ts";
import { openTables } from "#local/tables.ts";
import { definition } from "./definition.ts";

/** The stores that handlers work on, served on loopback, and the environment that leads the handlers there. */
export interface Parts {
  readonly ledger: LedgerShape;
  readonly objects: ObjectsShape;
  readonly sqs: SQSClient;
  readonly dynamo: DynamoDBClient;
  /** Takes all packs out of the queue of a pool and a priority. */
  takePacks(pool?: string, priority?: (typeof PRIORITIES)[number]): Promise<Pack[]>;
  run<A, E>(effect: Effect.Effect<A, E>): Promise<A>;
  close(): Promise<void>;
}

const TABLE = "ledger";
const BUCKET = "bucket";

export async function startParts(grid: GridDefinition = definition): Promise<Parts> {
  const folder = await mkdtemp(join(tmpdir(), "burstgrid-parts-"));
  const gateway = await startGateway({ port: 0 });
  const tables = await openTables({ gateway, folder: join(folder, "tables") });
  const objects = openObjects({ gateway, folder: join(folder, "objects") });
  const queues = openQueues({ gateway });
  await writeFile(join(folder, "grid.json"), JSON.stringify(grid));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: gateway.origin,
    LAMBDA_TASK_ROOT: folder,
    [ENV.grid]: grid.name,
    [ENV.ledger]: TABLE,
    [ENV.bucket]: BUCKET,
    [ENV.bus]: "bus",
  });
  const dynamo = new DynamoDBClient();
  const s3 = new S3Client();
  const sqs = new SQSClient();
  await createTable(dynamo);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const pool of Object.keys(grid.pools)) {
    for (const priority of PRIORITIES) {
      await sqs.send(new CreateQueueCommand({ QueueName: taskQueueName(grid.name, pool, priority) }));
    }
  }
  return {
    ledger: makeLedger(dynamo, TABLE),
    objects: makeObjects(s3, BUCKET),
    sqs,
    dynamo,
    takePacks: (pool = "general", priority = "normal") =>
      takePacks(sqs, `${gateway.origin}/000000000000/${taskQueueName(grid.name, pool, priority)}`),
    run: Effect.runPromise,
    async close() {
      for (const client of [dynamo, s3, sqs]) client.destroy();
      queues.close();
      objects.close();
      await tables.close();
      await gateway.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** As stacks/ledger.ts has it. */
const createTable = (dynamo: DynamoDBClient) =>
  dynamo.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: ["pk", "listed", "submittedAt"].map((AttributeName) => ({
        AttributeName,
        AttributeType: "S" as const,
      })),
      GlobalSecondaryIndexes: [
        {
          IndexName: "jobs",
          KeySchema: [
            { AttributeName: "listed", KeyType: "HASH" },
            { AttributeName: "submittedAt", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );

async function takePacks(sqs: SQSClient, QueueUrl: string): Promise<Pack[]> {
  const packs: Pack[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return packs;
    for (const { Body, ReceiptHandle } of Messages) {
      packs.push(decodePack(Body!));
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

/** A job that runs, with what `changes` says. */
export const jobRecord = (changes: Partial<JobRecord> = {}): JobRecord => ({
  jobId: "job",
  application: "squares",
  state: "SPLITTING",
  priority: "normal",
  executionArn: "arn:execution:job",
  submittedAt: "2026-01-01T00:00:00Z",
  startedAt: "2026-01-01T00:00:01.000Z",
  tags: {},
  deadlineSeconds: 3600,
  succeeded: 0,
  failed: 0,
  taskMilliseconds: 0,
  taskCount: 0,
  rounds: [],
  ...changes,
});
