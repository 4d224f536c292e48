import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTables, type Tables } from "#local/tables.ts";
import { type Cloud, openCloud } from "./cloud.ts";

let cloud: Cloud;
let tables: Tables;
const folder = mkdtempSync(join(tmpdir(), "tables-"));
beforeAll(async () => {
  cloud = await openCloud();
  tables = await openTables({ gateway: cloud.gateway, folder });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new DynamoDBClient({ endpoint: cloud.gateway.origin, region: "us-east-1", credentials });
  await client.send(
    new CreateTableCommand({
      TableName: "ledger",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  client.destroy();
});
afterAll(async () => {
  await tables.close();
  await cloud.close();
  rmSync(folder, { recursive: true, force: true });
});

const call = (action: string, Arguments: object) =>
  cloud.run({
    StartAt: "Call",
    States: { Call: { Type: "Task", Resource: `arn:aws:states:::dynamodb:${action}`, Arguments, End: true } },
  });

describe("the DynamoDB integrations", () => {
  it("put, update, get and delete an item, in DynamoDB's own JSON", async () => {
    const key = { TableName: "ledger", Key: { pk: { S: "{% 'job#' & '1' %}" } } };
    await call("putItem", { TableName: "ledger", Item: { pk: { S: "job#1" }, n: { N: "1" } } });
    await call("updateItem", {
      ...key,
      UpdateExpression: "SET #n = #n + :one",
      ExpressionAttributeNames: { "#n": "n" },
      ExpressionAttributeValues: { ":one": { N: "1" } },
    });
    const { output } = await call("getItem", { ...key, ConsistentRead: true });
    expect(JSON.parse(output ?? "")).toEqual({ Item: { pk: { S: "job#1" }, n: { N: "2" } } });
    await call("deleteItem", key);
    expect((await call("getItem", key)).output).toBe("{}");
  });

  it("fail with DynamoDB.<error>", async () => {
    const Item = { pk: { S: "job#2" } };
    const { error } = await call("putItem", { TableName: "ledger", Item, ConditionExpression: "attribute_exists(pk)" });
    expect(error).toBe("DynamoDB.ConditionalCheckFailedException");
    const missing = await call("getItem", { TableName: "nothing", Key: Item });
    expect(missing.error).toBe("DynamoDB.ResourceNotFoundException");
  });
});
