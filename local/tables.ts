import { mkdirSync } from "node:fs";
import { create } from "dynalite/db/index.js";
import { jsonEndpoint } from "./aws-json.ts";
import type { Endpoint, Gateway } from "./gateway.ts";
import { ACCOUNT, REGION } from "./names.ts";
import { tableActions } from "./tables/actions.ts";

/** DynamoDB: tables in a folder. */
export interface Tables {
  readonly endpoint: Endpoint;
  /** Waits for what is under way and closes the folder. */
  close(): Promise<void>;
}

/**
 * Serves DynamoDB on the gateway (scope `dynamodb`) by dynalite, from a folder that is made when it is not there. What
 * dynalite lacks is refused by name: transactions, time to live, streams, PartiQL, index updates and
 * ReturnValuesOnConditionCheckFailure among others.
 * @throws Error when another process has the folder open.
 */
export const openTables = async ({ gateway, folder }: { gateway: Gateway; folder: string }): Promise<Tables> => {
  mkdirSync(folder, { recursive: true });
  const store = create({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // dynalite takes them from the environment, where the caller's own region may stand.
  store.tableDb.awsRegion = REGION;
  store.tableDb.awsAccountId = ACCOUNT;
  try {
    await store.db.open();
  } catch (error) {
    const message = `the tables in ${folder} cannot be opened; is another local grid running in this folder?`;
    throw new Error(message, { cause: error });
  }
  const actions = tableActions(store);
  const endpoint = jsonEndpoint({ service: "DynamoDB", targetPrefix: "DynamoDB_20120810", version: "1.0", actions });
  gateway.route("dynamodb", endpoint);
  return { endpoint, close: () => store.lifecycleManager.gracefulClose() };
};
