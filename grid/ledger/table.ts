import {
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { Effect, Option } from "effect";
import { type AwsError, call } from "../aws.ts";
import { type Item, toAttribute } from "./attributes.ts";

/** The ledger's table: items by `pk`, consistent reads, conditional updates. */
export interface Table {
  get(pk: string): Effect.Effect<Option.Option<Item>, AwsError>;
  /** Those that are there, in any order. */
  getMany(pks: readonly string[]): Effect.Effect<readonly Item[], AwsError>;
  /** The item that `returns` names; none when the condition does not hold. */
  update(pk: string, change: Change): Effect.Effect<Option.Option<Item>, AwsError>;
  /** Job items, the newest first. */
  newestJobs(limit: number): Effect.Effect<readonly Item[], AwsError>;
}

interface Change {
  /** An update expression; words in it that start with `#` stand for attributes of that name. */
  readonly update: string;
  readonly condition?: string;
  /** Values by their names, without the colon: JSON values, or attributes as the SDK has them under `sets`. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly sets?: Item;
  /** Default `ALL_NEW`. */
  readonly returns?: "ALL_NEW" | "ALL_OLD";
}

/** GSI of job items: partition key `listed`, sort key `submittedAt`. */
export const JOBS_INDEX = "jobs";

/** BatchGetItem takes 100 keys (API reference). */
const BATCH_KEYS = 100;
/** Batches read at once. */
const READING = 4;

export function makeTable(dynamo: DynamoDBClient, tableName: string): Table {
  const getBatch = Effect.fnUntraced(function* (pks: readonly string[]) {
    const items: Item[] = [];
    let keys: Item[] = pks.map((pk) => ({ pk: { S: pk } }));
    for (let wait = 50; keys.length > 0; wait = Math.min(wait * 2, 2000)) {
      const { Responses, UnprocessedKeys } = yield* call("DynamoDB.BatchGetItem", (abortSignal) =>
        dynamo.send(new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: keys, ConsistentRead: true } } }), {
          abortSignal,
        }),
      );
      items.push(...(Responses?.[tableName] ?? []));
      keys = UnprocessedKeys?.[tableName]?.Keys ?? [];
      if (keys.length > 0) yield* Effect.sleep(`${wait} millis`);
    }
    return items;
  });

  return {
    get: (pk) =>
      Effect.map(
        call("DynamoDB.GetItem", (abortSignal) =>
          dynamo.send(new GetItemCommand({ TableName: tableName, Key: { pk: { S: pk } }, ConsistentRead: true }), {
            abortSignal,
          }),
        ),
        ({ Item }) => Option.fromNullishOr(Item),
      ),
    getMany: (pks) =>
      Effect.map(Effect.forEach(inGroups(pks, BATCH_KEYS), getBatch, { concurrency: READING }), (groups) =>
        groups.flat(),
      ),
    update: (pk, change) =>
      call("DynamoDB.UpdateItem", (abortSignal) =>
        dynamo.send(new UpdateItemCommand({ TableName: tableName, Key: { pk: { S: pk } }, ...inputOf(change) }), {
          abortSignal,
        }),
      ).pipe(
        Effect.map(({ Attributes }) => Option.some(Attributes ?? {})),
        Effect.catchIf(
          (error) => error.code === "ConditionalCheckFailedException",
          () => Effect.succeed(Option.none<Item>()),
        ),
      ),
    newestJobs: Effect.fnUntraced(function* (limit) {
      const items: Item[] = [];
      let from: Item | undefined;
      do {
        const page = yield* call("DynamoDB.Query", (abortSignal) =>
          dynamo.send(
            new QueryCommand({
              TableName: tableName,
              IndexName: JOBS_INDEX,
              KeyConditionExpression: "listed = :listed",
              ExpressionAttributeValues: { ":listed": { S: JOBS_INDEX } },
              ScanIndexForward: false,
              Limit: limit - items.length,
              ...(from !== undefined && { ExclusiveStartKey: from }),
            }),
            { abortSignal },
          ),
        );
        items.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
      } while (from !== undefined && items.length < limit);
      return items;
    }),
  };
}

function inputOf({
  update,
  condition,
  values = {},
  sets = {},
  returns = "ALL_NEW",
}: Change): Partial<UpdateItemCommandInput> {
  const names = new Set(`${update} ${condition ?? ""}`.match(/#\w+/g) ?? []);
  const attributes = Object.entries(values).map(([name, value]) => [`:${name}`, toAttribute(value)] as const);
  const setAttributes = Object.entries(sets).map(([name, set]) => [`:${name}`, set] as const);
  const all = [...attributes, ...setAttributes];
  return {
    UpdateExpression: update,
    ReturnValues: returns,
    ...(condition !== undefined && { ConditionExpression: condition }),
    ...(names.size > 0 && {
      ExpressionAttributeNames: Object.fromEntries([...names].map((name) => [name, name.slice(1)])),
    }),
    ...(all.length > 0 && { ExpressionAttributeValues: Object.fromEntries(all) }),
  };
}

function inGroups<A>(all: readonly A[], size: number): A[][] {
  const groups: A[][] = [];
  for (let from = 0; from < all.length; from += size) groups.push(all.slice(from, from + size));
  return groups;
}
