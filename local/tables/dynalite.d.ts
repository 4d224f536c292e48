/** What is used of dynalite 4.0.0, which has no types of its own. */

declare module "dynalite/db/index.js" {
  /** A LevelDB store with its locks. */
  export interface Store {
    readonly db: { open(): Promise<void> };
    readonly tableDb: { awsRegion: string; awsAccountId: string };
    readonly lifecycleManager: { gracefulClose(): Promise<void> };
  }

  /** The times are how long a table stays CREATING, DELETING or UPDATING, in milliseconds. */
  export function create(options: {
    path: string;
    createTableMs: number;
    deleteTableMs: number;
    updateTableMs: number;
  }): Store;
}

declare module "dynalite/validations/index.js" {
  import type { Store } from "dynalite/db/index.js";

  /** The fields of an action's input. */
  export type Types = Record<string, unknown>;

  /** Returns the input with its types made right. @throws an error with `statusCode` and `body` */
  export function checkTypes(input: object, types: Types): object;

  /** @throws an error with `statusCode` and `body` */
  export function checkValidations(input: object, types: Types, custom: unknown, store: Store): void;
}
