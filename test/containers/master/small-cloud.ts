import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { type LedgerShape, makeLedger } from "#grid/ledger.ts";
import { makeObjects, type ObjectsShape } from "#grid/objects.ts";
import { AwsFault, jsonEndpoint } from "#local/aws-json.ts";
import { startGateway } from "#local/gateway.ts";
import { LOCAL_CREDENTIALS, REGION } from "#local/names.ts";
import { openObjects } from "#local/objects.ts";
import { openTables } from "#local/tables.ts";

export const LEDGER = "master-ledger";
export const BUCKET = "master-bucket";

/** What a master called back: the action's name and its input. */
export interface CallBack {
  readonly action: string;
  readonly taskToken?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** A ledger, a bucket, and someone who takes callbacks, behind one port. */
export interface SmallCloud {
  readonly endpoint: string;
  readonly ledger: LedgerShape;
  readonly objects: ObjectsShape;
  /** Oldest first. */
  readonly callBacks: CallBack[];
  /** Tokens that nobody waits for any more. */
  readonly gone: Set<string>;
  close(): Promise<void>;
}

export async function openSmallCloud(): Promise<SmallCloud> {
  const folder = await mkdtemp(join(tmpdir(), "burstgrid-master-"));
  const gateway = await startGateway({ port: 0 });
  const tables = await openTables({ gateway, folder: join(folder, "tables") });
  const store = openObjects({ gateway, folder: join(folder, "objects") });
  const callBacks: CallBack[] = [];
  const gone = new Set<string>();
  const take = (action: string) => (input: Record<string, unknown>) => {
    if (gone.has(String(input["taskToken"]))) throw new AwsFault("TaskTimedOut", "the state is over");
    callBacks.push({ action, ...input });
    return {};
  };
  gateway.route(
    "states",
    jsonEndpoint({
      service: "Step Functions",
      targetPrefix: "AWSStepFunctions",
      version: "1.0",
      actions: { SendTaskSuccess: take("SendTaskSuccess"), SendTaskFailure: take("SendTaskFailure") },
    }),
  );
  const client = { endpoint: gateway.origin, region: REGION, credentials: LOCAL_CREDENTIALS };
  const dynamo = new DynamoDBClient(client);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await dynamo.send(
    new CreateTableCommand({
      TableName: LEDGER,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    }),
  );
  return {
    endpoint: gateway.origin,
    ledger: makeLedger(dynamo, LEDGER),
    objects: makeObjects(s3, BUCKET),
    callBacks,
    gone,
    close: async () => {
      dynamo.destroy();
      s3.destroy();
      await gateway.close();
      await tables.close();
      store.close();
      await rm(folder, { recursive: true });
    },
  };
}
