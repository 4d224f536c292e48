import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Gateway, startGateway } from "#local/gateway.ts";
import { openTables, type Tables } from "#local/tables.ts";

const TableName = "ledger";
let folder: string;
let gateway: Gateway;
let tables: Tables;
let dynamodb: DynamoDBClient;

const open = async (): Promise<void> => {
  gateway = await startGateway({ port: 0 });
  tables = await openTables({ gateway, folder });
  const credentials = { accessKeyId: "x", secretAccessKey: "x" };
  dynamodb = new DynamoDBClient({ endpoint: gateway.origin, region: "us-east-1", credentials, maxAttempts: 1 });
};
const close = async (): Promise<void> => {
  dynamodb.destroy();
  await gateway.close();
  await tables.close();
};

const definition: CreateTableCommandInput = {
  TableName,
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: ["pk", "sk", "state", "at"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-state",
      KeySchema: [
        { AttributeName: "state", KeyType: "HASH" },
        { AttributeName: "at", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    },
  ],
};
const key = (pk: string, sk = "job") => ({ pk: { S: pk }, sk: { S: sk } });
const update = (pk: string, more: Partial<UpdateItemCommandInput>) =>
  dynamodb.send(new UpdateItemCommand({ TableName, Key: key(pk), ReturnValues: "ALL_NEW", ...more }));
const add = (pk: string, attribute: string, value: object) =>
  update(pk, {
    UpdateExpression: "ADD #a :v",
    ExpressionAttributeNames: { "#a": attribute },
    ExpressionAttributeValues: { ":v": value as never },
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tables-"));
  await open();
  await dynamodb.send(new CreateTableCommand(definition));
  await vi.waitFor(async () => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    expect(Table?.TableStatus).toBe("ACTIVE");
  });
});
afterAll(async () => {
  await close();
  await rm(folder, { recursive: true });
});

describe("tables", () => {
  it("belong to the local account and region whatever the environment says", async () => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    expect(Table?.TableArn).toBe("arn:aws:dynamodb:us-east-1:000000000000:table/ledger");
  });

  it("are created once, listed and deleted", async () => {
    await expect(dynamodb.send(new CreateTableCommand(definition))).rejects.toMatchObject({
      name: "ResourceInUseException",
    });
    await dynamodb.send(new CreateTableCommand({ ...definition, TableName: "short-lived" }));
    const { TableNames } = await dynamodb.send(new ListTablesCommand({}));
    expect(TableNames).toEqual([TableName, "short-lived"]);
    await vi.waitFor(() => dynamodb.send(new DeleteTableCommand({ TableName: "short-lived" })));
    await vi.waitFor(async () =>
      expect((await dynamodb.send(new ListTablesCommand({}))).TableNames).toEqual([TableName]),
    );
    await expect(dynamodb.send(new DescribeTableCommand({ TableName: "short-lived" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: expect.stringContaining("short-lived"),
    });
  });

  it("say that nothing in them expires", async () => {
    const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(TimeToLiveDescription?.TimeToLiveStatus).toBe("DISABLED");
  });
});

describe("items", () => {
  it("are put only where none is, when the condition says so", async () => {
    const put = () =>
      dynamodb.send(
        new PutItemCommand({
          TableName,
          Item: { ...key("cond"), n: { N: "1" } },
          ConditionExpression: "attribute_not_exists(pk)",
        }),
      );
    await put();
    await expect(put()).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    await dynamodb.send(new DeleteItemCommand({ TableName, Key: key("cond") }));
    expect((await dynamodb.send(new GetItemCommand({ TableName, Key: key("cond") }))).Item).toBeUndefined();
  });

  it("add to number sets, where what is there already changes nothing", async () => {
    await add("sets", "ok", { NS: ["1", "2"] });
    const { Attributes } = await add("sets", "ok", { NS: ["2", "3"] });
    expect(Attributes?.["ok"]?.NS?.toSorted()).toEqual(["1", "2", "3"]);
  });

  it("add to binary sets", async () => {
    await add("sets", "refs", { BS: [Uint8Array.of(1), Uint8Array.of(2)] });
    const { Attributes } = await add("sets", "refs", { BS: [Uint8Array.of(2), Uint8Array.of(3)] });
    expect(Attributes?.["refs"]?.BS?.map((each) => each[0]).toSorted()).toEqual([1, 2, 3]);
  });

  it("compare the size of sets in conditions, so that one caller alone sees a chunk become full", async () => {
    await add("full", "ok", { NS: ["1", "2", "3"] });
    const flip = () =>
      update("full", {
        UpdateExpression: "SET done = :yes",
        ConditionExpression: "size(ok) >= :n AND attribute_not_exists(done)",
        ExpressionAttributeValues: { ":yes": { BOOL: true }, ":n": { N: "3" } },
      });
    const results = await Promise.allSettled([flip(), flip(), flip()]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("lose no ADD of many at once", async () => {
    await Promise.all(Array.from({ length: 100 }, () => add("count", "n", { N: "1" })));
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: key("count"), ConsistentRead: true }));
    expect(Item?.["n"]).toEqual({ N: "100" });
  });

  it("are read and written in batches", async () => {
    const pks = Array.from({ length: 25 }, (_, i) => `batch-${i}`);
    const requests = pks.map((pk) => ({ PutRequest: { Item: { ...key(pk), n: { N: "1" } } } }));
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    const { Responses } = await dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [...pks.map((pk) => key(pk)), key("none")] } } }),
    );
    expect(Responses?.[TableName]).toHaveLength(25);
  });

  it("are found by an index, newest first, page by page", async () => {
    for (const at of ["1", "3", "2"]) {
      const values = { ":s": { S: "RUNNING" }, ":a": { S: at } };
      await update(`index-${at}`, {
        UpdateExpression: "SET #s = :s, #at = :a",
        ExpressionAttributeNames: { "#s": "state", "#at": "at" },
        ExpressionAttributeValues: values,
      });
    }
    const query = (ExclusiveStartKey?: never) =>
      dynamodb.send(
        new QueryCommand({
          TableName,
          IndexName: "by-state",
          KeyConditionExpression: "#s = :s",
          ExpressionAttributeNames: { "#s": "state" },
          ExpressionAttributeValues: { ":s": { S: "RUNNING" } },
          ScanIndexForward: false,
          Limit: 2,
          ExclusiveStartKey,
        }),
      );
    const first = await query();
    const second = await query(first.LastEvaluatedKey as never);
    const ats = [...first.Items!, ...second.Items!].map((item) => item["at"]?.S);
    expect([ats, second.LastEvaluatedKey]).toEqual([["3", "2", "1"], undefined]);
  });

  it("of one partition are found by the beginning of their sort key, and all by a scan", async () => {
    for (const sk of ["chunk#1", "chunk#2", "job"])
      await dynamodb.send(new PutItemCommand({ TableName, Item: key("part", sk) }));
    const { Items } = await dynamodb.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :p AND begins_with(sk, :c)",
        ExpressionAttributeValues: { ":p": { S: "part" }, ":c": { S: "chunk#" } },
      }),
    );
    expect(Items?.map((item) => item["sk"]?.S)).toEqual(["chunk#1", "chunk#2"]);
    const scan = await dynamodb.send(
      new ScanCommand({ TableName, FilterExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "part" } } }),
    );
    expect(scan.Count).toBe(3);
  });

  it("that are wrong are refused with DynamoDB's own words", async () => {
    await expect(dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: "x" } } }))).rejects.toMatchObject({
      name: "ValidationException",
      message: "One or more parameter values were invalid: Missing the key sk in the item",
    });
    await expect(dynamodb.send(new GetItemCommand({ TableName: "none", Key: key("x") }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});

describe("what is not implemented is refused by name", () => {
  it.each([
    ["TransactWriteItems", () => dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [] }))],
    ["TransactGetItems", () => dynamodb.send(new TransactGetItemsCommand({ TransactItems: [] }))],
    [
      "UpdateTimeToLive",
      () =>
        dynamodb.send(
          new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: "ttl" } }),
        ),
    ],
    ["UpdateTable", () => dynamodb.send(new UpdateTableCommand({ TableName, BillingMode: "PROVISIONED" }))],
    ["ExecuteStatement", () => dynamodb.send(new ExecuteStatementCommand({ Statement: "SELECT * FROM ledger" }))],
    ["ReturnValuesOnConditionCheckFailure", () => update("x", { ReturnValuesOnConditionCheckFailure: "ALL_OLD" })],
    [
      "StreamSpecification",
      () =>
        dynamodb.send(
          new CreateTableCommand({ ...definition, TableName: "s", StreamSpecification: { StreamEnabled: true } }),
        ),
    ],
  ])("%s", async (name, ask) => {
    await expect(ask()).rejects.toThrow(
      new RegExp(`not implemented locally.*${name}|${name} is not implemented locally`),
    );
  });
});

describe("the store", () => {
  it("outlives a caller that hangs up in the middle of a request", async () => {
    const socket = connect(gateway.port, "127.0.0.1");
    const before = gateway.calls()["dynamodb"]?.["GetItem"] ?? 0;
    socket.write(
      "POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: DynamoDB_20120810.GetItem\r\ncontent-length: 100\r\n\r\n{",
    );
    await vi.waitFor(() => expect(gateway.calls()["dynamodb"]?.["GetItem"]).toBe(before + 1));
    socket.resetAndDestroy();
    expect(await add("alive", "n", { N: "1" })).toMatchObject({ Attributes: { n: { N: "1" } } });
  });

  it("has everything again after it is closed and opened", async () => {
    await add("durable", "n", { N: "7" });
    await close();
    await open();
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: key("durable") }));
    expect(Item?.["n"]).toEqual({ N: "7" });
  });

  it("says so when the folder is open already", async () => {
    await expect(openTables({ gateway, folder })).rejects.toThrow(
      `the tables in ${folder} cannot be opened; is another local grid running`,
    );
  });
});
