import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { Effect } from "effect";
import type { JobRecord } from "#grid/job.ts";
import { type LedgerShape, makeLedger } from "#grid/ledger.ts";
import { bucketName, ledgerName } from "#grid/names.ts";
import { makeObjects, type ObjectsShape } from "#grid/objects.ts";
import { openEventBuses } from "#local/events/index.ts";
import { startGateway } from "#local/gateway.ts";
import { ACCOUNT, REGION } from "#local/names.ts";
import { openObjects } from "#local/objects.ts";
import { openTables } from "#local/tables.ts";

/** What the CLI speaks to: a bus, a ledger and a bucket behind one port, without anything that would run a job. */
export interface SmallCloud {
  readonly endpoint: string;
  readonly grid: string;
  readonly bucket: string;
  readonly ledger: LedgerShape;
  readonly objects: ObjectsShape;
  /** Events that came to the bus, oldest first. */
  received(): Promise<Record<string, unknown>[]>;
  record(job: JobRecord): Promise<void>;
  close(): Promise<void>;
}

export async function openSmallCloud(grid: string): Promise<SmallCloud> {
  const folder = await mkdtemp(join(tmpdir(), "burstgrid-cli-"));
  const gateway = await startGateway({ port: 0 });
  const tables = await openTables({ gateway, folder: join(folder, "tables") });
  const store = openObjects({ gateway, folder: join(folder, "objects") });
  const events: string[] = [];
  const refuse = async () => Promise.reject(new Error("not a target of this test"));
  const buses = openEventBuses({
    targets: {
      startExecution: async (_arn, input) => void events.push(input),
      invokeFunction: refuse,
      sendMessage: refuse,
    },
    warn: (message) => void process.stderr.write(`${message}\n`),
  });
  buses.createBus(grid);
  const stateMachine = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:any`;
  buses.putRule({
    bus: grid,
    name: "all",
    pattern: { source: ["burstgrid"] },
    targets: [{ id: "all", arn: stateMachine }],
  });
  gateway.route("events", buses.endpoint);

  const client = {
    endpoint: gateway.origin,
    region: REGION,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  };
  const dynamo = new DynamoDBClient(client);
  const s3 = new S3Client(client);
  const bucket = bucketName(grid, ACCOUNT, REGION);
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await dynamo.send(
    new CreateTableCommand({
      TableName: ledgerName(grid),
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "listed", "submittedAt"].map((AttributeName) => ({
        AttributeName,
        AttributeType: "S",
      })),
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
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
  const ledger = makeLedger(dynamo, ledgerName(grid));
  return {
    endpoint: gateway.origin,
    grid,
    bucket,
    ledger,
    objects: makeObjects(s3, bucket),
    received: async () => {
      await buses.idle();
      return events.map((text) => JSON.parse(text));
    },
    record: async (job) => void (await Effect.runPromise(ledger.recordJob(job))),
    close: async () => {
      dynamo.destroy();
      s3.destroy();
      buses.close();
      await gateway.close();
      await tables.close();
      store.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A job as Accept records it, unless `fields` say otherwise. */
export const jobRecord = (fields: Partial<JobRecord> & { readonly jobId: string }): JobRecord => ({
  application: "pricing",
  state: "RUNNING",
  priority: "normal",
  executionArn: `arn:aws:states:us-east-1:000000000000:execution:grid-job:${fields.jobId}`,
  submittedAt: "2026-01-01T00:00:00.000Z",
  tags: {},
  deadlineSeconds: 3600,
  succeeded: 0,
  failed: 0,
  taskMilliseconds: 0,
  taskCount: 0,
  rounds: [],
  ...fields,
});
