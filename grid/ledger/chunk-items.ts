import { Effect, Schema } from "effect";
import type { Chunk } from "../chunk.ts";
import { BrokenRecord } from "../errors.ts";
import { COMPLETION_LANES } from "../names.ts";
import type { Outcomes } from "../outcomes.ts";
import { decodeRef, encodeRef, inSegmentOrder, type SegmentRef } from "../segment-ref.ts";
import type { Item } from "./attributes.ts";
import { CHUNK_STATES, type ChunkRecord } from "./chunk-record.ts";

export const chunkKey = (jobId: string, chunkId: string) => `chunk#${jobId}#${chunkId}`;

const IndexesText = Schema.fromJsonString(Schema.Array(Schema.Tuple([Schema.Int, Schema.Int])));

/** The part of an item that is not a set: decoded by a Schema. The sets hold a number a task, and are read by plain loops. */
const Fields = Schema.Struct({
  job: Schema.String,
  chunk: Schema.String,
  first: Schema.Int,
  count: Schema.Int,
  start: Schema.Int,
  end: Schema.Int,
  indexes: Schema.optionalKey(IndexesText),
  state: Schema.Literals(CHUNK_STATES),
  token: Schema.optionalKey(Schema.String),
  epoch: Schema.optionalKey(Schema.Int),
  lane: Schema.optionalKey(Schema.Literals(COMPLETION_LANES)),
  okCount: Schema.optionalKey(Schema.Int),
  failedCount: Schema.optionalKey(Schema.Int),
  sentAt: Schema.optionalKey(Schema.String),
  sends: Schema.optionalKey(Schema.Int),
});

/** What names a chunk in its item. */
export const chunkFields = (jobId: string, { indexes, ...chunk }: Chunk): Record<string, unknown> => ({
  job: jobId,
  ...chunk,
  ...(indexes !== undefined && { indexes: JSON.stringify(indexes) }),
});

export const numberSet = (numbers: Iterable<number>) => ({ NS: Array.from(numbers, String) });
export const refSet = (ref: SegmentRef) => ({ BS: [encodeRef(ref)] });

const decodeFields = Schema.decodeUnknownEffect(Fields);
const SETS = ["pk", "ok", "failed", "refs"];

/** Fails with BrokenRecord for an item that is no chunk. */
export const chunkOf = (item: Item): Effect.Effect<ChunkRecord, BrokenRecord> => {
  const plain: Record<string, unknown> = {};
  for (const [name, { S, N }] of Object.entries(item)) {
    if (!SETS.includes(name)) plain[name] = N === undefined ? S : Number(N);
  }
  return decodeFields(plain).pipe(
    Effect.map((fields) => recordOf(fields, item)),
    Effect.mapError(
      ({ message }) =>
        new BrokenRecord({ message: `the ledger's item ${item["pk"]?.S ?? ""} is not a chunk: ${message}` }),
    ),
  );
};

const recordOf = (fields: typeof Fields.Type, item: Item): ChunkRecord => {
  const { job, chunk, first, count, start, end, indexes, okCount, failedCount } = fields;
  return {
    jobId: job,
    chunk: { chunk, first, count, start, end, ...(indexes !== undefined && { indexes }) },
    state: fields.state,
    token: fields.token,
    epoch: fields.epoch ?? 0,
    lane: fields.lane,
    outcomes: outcomesIn(item),
    counts:
      okCount === undefined || failedCount === undefined ? undefined : { succeeded: okCount, failed: failedCount },
    refs: (item["refs"]?.BS ?? []).map(decodeRef).sort(inSegmentOrder),
    sentAt: fields.sentAt,
    sends: fields.sends ?? 0,
  };
};

const outcomesIn = (item: Item): Outcomes => ({
  ok: new Set(item["ok"]?.NS?.map(Number)),
  failed: new Set(item["failed"]?.NS?.map(Number)),
});
