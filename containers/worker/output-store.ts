import { randomBytes } from "node:crypto";
import { Effect } from "effect";
import { jobKeys } from "#grid/names.ts";
import type { ObjectsShape } from "#grid/objects.ts";
import { type Patience, persist } from "./persist.ts";

/** Stores outputs that are too large for a row, each try at a task under a key of its own. Answers the object's URI. */
export const outputStore =
  (objects: ObjectsShape, patience: Patience) =>
  async (job: string, index: number, json: Uint8Array): Promise<string> => {
    const key = jobKeys.output(job, index, randomBytes(8).toString("hex"));
    await persist(`storing ${key}`, () => Effect.runPromise(objects.put(key, json)), patience);
    return objects.uri(key);
  };
