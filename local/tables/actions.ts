import { createRequire } from "node:module";
import type { Store } from "dynalite/db/index.js";
import { checkTypes, checkValidations, type Types } from "dynalite/validations/index.js";
import { AwsFault, type JsonAction, onlyFields } from "../aws-json.ts";

/**
 * The actions dynalite implements as DynamoDB does. Not among them: UpdateTable (dynalite adds and removes no indexes) and
 * all it lacks: transactions, time to live, streams, PartiQL, backups.
 */
const HONOURED = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "DescribeTimeToLive",
  "GetItem",
  "ListTables",
  "ListTagsOfResource",
  "PutItem",
  "Query",
  "Scan",
  "TagResource",
  "UntagResource",
  "UpdateItem",
] as const;

type Act = (store: Store, input: object, done: (error: unknown, output?: object) => void) => void;

/** How dynalite says that a request is at fault. */
interface DynaliteFault {
  statusCode: number;
  body: { __type: string; message?: string; Message?: string };
}

/**
 * The actions of DynamoDB by dynalite's own validations and implementations, called without its HTTP server: that one ends
 * the whole process when a caller hangs up in the middle of a request. A field dynalite does not read is refused by name.
 */
export const tableActions = (store: Store): Record<string, JsonAction> => {
  const require = createRequire(import.meta.url);
  return Object.fromEntries(
    HONOURED.map((action) => {
      const file = `${action.charAt(0).toLowerCase()}${action.slice(1)}.js`;
      const validation = require(`dynalite/validations/${file}`) as { types: Types; custom: unknown };
      const act = require(`dynalite/actions/${file}`) as Act;
      return [action, (input) => perform(action, validation, act, store, input)] as const;
    }),
  );
};

const perform = async (
  action: string,
  { types, custom }: { types: Types; custom: unknown },
  act: Act,
  store: Store,
  input: object,
): Promise<object> => {
  onlyFields("DynamoDB", action, input, Object.keys(types));
  try {
    const checked = checkTypes(input, types);
    checkValidations(checked, types, custom, store);
    return await new Promise((resolve, reject) => {
      act(store, checked, (error, output) => (error ? reject(error) : resolve(output ?? {})));
    });
  } catch (error) {
    throw isDynaliteFault(error) ? asFault(error) : error;
  }
};

const isDynaliteFault = (error: unknown): error is DynaliteFault =>
  typeof error === "object" && error !== null && "statusCode" in error && "body" in error;

const asFault = ({ statusCode, body }: DynaliteFault): AwsFault => {
  const code = body.__type.slice(body.__type.indexOf("#") + 1);
  return new AwsFault(code, body.message ?? body.Message ?? "", { status: statusCode });
};
