import { Effect, Option } from "effect";
import type { LedgerShape } from "../ledger.ts";
import { countOutcomes, finalFailures } from "../outcomes.ts";
import { type Item, toItem } from "./attributes.ts";
import { chunkFields, chunkKey, chunkOf, numberSet, refSet } from "./chunk-items.ts";
import { found } from "./found.ts";
import type { Table } from "./table.ts";

type Chunks = Pick<
  LedgerShape,
  "openChunk" | "addOutcomes" | "fillChunk" | "closeChunk" | "freezeChunk" | "getChunk" | "getChunks"
>;

/** Chunk items: open → full → closed, or open → frozen. */
export function makeChunks(table: Table): Chunks {
  const recordIn = (item: Option.Option<Item>) =>
    Option.isSome(item) ? Effect.map(chunkOf(item.value), Option.some) : Effect.succeedNone;

  const getChunk: Chunks["getChunk"] = (jobId, chunkId) =>
    Effect.flatMap(table.get(chunkKey(jobId, chunkId)), recordIn);

  const chunkThatIs = (jobId: string, chunkId: string) =>
    getChunk(jobId, chunkId).pipe(found(`chunk ${chunkId} of job ${jobId}`));

  return {
    getChunk,

    getChunks: Effect.fn("Ledger.getChunks")(function* (jobId, chunkIds) {
      const items = yield* table.getMany(chunkIds.map((chunkId) => chunkKey(jobId, chunkId)));
      const records = yield* Effect.forEach(items, chunkOf);
      return new Map(records.map((record) => [record.chunk.chunk, record] as const));
    }),

    openChunk: Effect.fn("Ledger.openChunk")(function* (jobId, chunk, { token, epoch, lane, now }) {
      const fields = { ...chunkFields(jobId, chunk), token, epoch, lane, sentAt: now.toISOString() };
      const settings = Object.keys(fields).map((name) => `#${name} = :${name}`);
      const opened = yield* table.update(chunkKey(jobId, chunk.chunk), {
        update: `SET ${settings.join(", ")}, #state = if_not_exists(#state, :open) ADD #sends :one`,
        condition: "attribute_not_exists(pk) OR #state = :open OR #state = :full",
        values: { ...fields, open: "open", full: "full", one: 1 },
      });
      return Option.isSome(opened) ? yield* chunkOf(opened.value) : yield* chunkThatIs(jobId, chunk.chunk);
    }),

    addOutcomes: Effect.fnUntraced(function* (jobId, chunkId, { ok, failed }, ref) {
      const sets: Item = {
        ...(ok.size > 0 && { ok: numberSet(ok) }),
        ...(failed.size > 0 && { failed: numberSet(failed) }),
        refs: refSet(ref),
      };
      const before = yield* table.update(chunkKey(jobId, chunkId), {
        update: `ADD ${Object.keys(sets)
          .map((name) => `#${name} :${name}`)
          .join(", ")}`,
        condition: "#state = :open",
        values: { open: "open" },
        sets,
        returns: "ALL_OLD",
      });
      return Option.isSome(before) ? yield* recordIn(before) : yield* getChunk(jobId, chunkId);
    }),

    fillChunk: Effect.fnUntraced(function* (jobId, chunkId, outcomes) {
      const { ok, failed } = outcomes;
      const failures = finalFailures(outcomes);
      const { succeeded, failed: failedCount } = countOutcomes(outcomes);
      const filled = yield* table.update(chunkKey(jobId, chunkId), {
        update: [
          "SET #state = :full, #okCount = :okCount, #failedCount = :failedCount",
          failures.size > 0 ? ", #failed = :failures REMOVE #ok" : " REMOVE #ok, #failed",
        ].join(""),
        condition: ["#state = :open", sizeIs("ok", ok.size), sizeIs("failed", failed.size)].join(" AND "),
        values: {
          open: "open",
          full: "full",
          okCount: succeeded,
          failedCount,
          ...(ok.size > 0 && { okSize: ok.size }),
          ...(failed.size > 0 && { failedSize: failed.size }),
        },
        ...(failures.size > 0 && { sets: { failures: numberSet(failures) } }),
      });
      return yield* recordIn(filled);
    }),

    closeChunk: (jobId, chunkId, token) =>
      Effect.asVoid(
        table.update(chunkKey(jobId, chunkId), {
          update: "SET #state = :closed",
          condition: "#state = :full AND #token = :token",
          values: { closed: "closed", full: "full", token },
        }),
      ),

    freezeChunk: Effect.fnUntraced(function* (jobId, chunk) {
      const fields = chunkFields(jobId, chunk);
      const settings = Object.keys(toItem(fields)).map((name) => `#${name} = :${name}`);
      const frozen = yield* table.update(chunkKey(jobId, chunk.chunk), {
        update: `SET ${settings.join(", ")}, #state = :frozen`,
        condition: "attribute_not_exists(pk) OR #state = :open OR #state = :frozen",
        values: { ...fields, frozen: "frozen", open: "open" },
      });
      return Option.isSome(frozen) ? yield* chunkOf(frozen.value) : yield* chunkThatIs(jobId, chunk.chunk);
    }),
  };
}

/** DynamoDB has no empty sets: an empty one is an attribute that is not there. */
const sizeIs = (name: "ok" | "failed", size: number) =>
  size === 0 ? `attribute_not_exists(#${name})` : `size(#${name}) = :${name}Size`;
