import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { Schema } from "effect";
import { ACCOUNT, REGION } from "../../names.ts";
import { DeployError } from "../deploy-error.ts";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const KeySchema = Schema.Array(
  Schema.Struct({ AttributeName: Schema.String, KeyType: Schema.Literals(["HASH", "RANGE"]) }),
);

const Index = Schema.Struct({
  IndexName: Schema.String,
  KeySchema,
  Projection: Schema.Struct({ ProjectionType: Schema.Literals(["ALL", "KEYS_ONLY"]) }),
});

const Properties = Schema.Struct({
  TableName: Schema.optionalKey(Schema.String),
  AttributeDefinitions: Schema.Array(
    Schema.Struct({ AttributeName: Schema.String, AttributeType: Schema.Literals(["S", "N", "B"]) }),
  ),
  KeySchema,
  GlobalSecondaryIndexes: Schema.optionalKey(Schema.Array(Index)),
  BillingMode: Schema.Literal("PAY_PER_REQUEST"),
  Replicas: passedOver("there is one region; backups, keys and protection mean nothing for a folder"),
  SSESpecification: passedOver("tables are plain files of this machine"),
  TimeToLiveSpecification: passedOver(
    "items past their time stay: a local grid is small and DynamoDB promises no moment",
  ),
  Tags: TAGS,
});

export const table = provider(Properties, async (properties, resource, { services }) => {
  const name = properties.TableName ?? resource.physicalName(255);
  const wanted = {
    KeySchema: [...properties.KeySchema],
    GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes?.map((index) => ({
      ...index,
      KeySchema: [...index.KeySchema],
    })),
  };
  try {
    await services.dynamodb.send(
      new CreateTableCommand({
        TableName: name,
        AttributeDefinitions: [...properties.AttributeDefinitions],
        BillingMode: properties.BillingMode,
        ...wanted,
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    await checkKept(services.dynamodb, name, wanted);
  }
  return { ref: name, attributes: { Arn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`, TableId: name } };
});

/** A table that an earlier run left must have the keys that the template asks for. */
async function checkKept(client: DynamoDBClient, name: string, wanted: Partial<TableDescription>): Promise<void> {
  const { Table: kept } = await client.send(new DescribeTableCommand({ TableName: name }));
  const [had, wants] = [keysOf(kept ?? {}), keysOf(wanted)];
  if (had === wants) return;
  throw new DeployError(
    `table ${name}: the one kept on disk has the keys ${had}, the template wants ${wants}: delete the state folder and start again`,
  );
}

const keysOf = ({ KeySchema: key, GlobalSecondaryIndexes: indexes }: Partial<TableDescription>): string =>
  [
    { IndexName: "table", KeySchema: key },
    ...(indexes ?? []).toSorted((a, b) => (a.IndexName! < b.IndexName! ? -1 : 1)),
  ]
    .map(
      ({ IndexName, KeySchema: parts }) =>
        `${IndexName}(${(parts ?? []).map((part) => part.AttributeName).join(", ")})`,
    )
    .join(" ");
