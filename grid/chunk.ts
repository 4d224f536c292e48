import { Schema } from "effect";
import { countOf, type Ranges } from "./ranges.ts";

const RangesSchema = Schema.Array(Schema.Tuple([Schema.Int, Schema.Int]));

/**
 * One line of a chunk index (`chunks.jsonl`), and one item of the Distributed Map. A chunk of the split is named by its number
 * (`"12"`); round r of Settle writes `"12.r"`, whose `indexes` are those of its tasks still to do.
 */
export const Chunk = Schema.Struct({
  chunk: Schema.String.check(Schema.isPattern(/^\d+(\.\d+)?$/)),
  /** Index of the first task of the byte range. */
  first: Schema.Int,
  /** Tasks to do: all of the byte range, or as many as `indexes` lists. */
  count: Schema.Int,
  /** Byte range of the tasks file, end exclusive. */
  start: Schema.Int,
  end: Schema.Int,
  indexes: Schema.optionalKey(RangesSchema),
});
export type Chunk = typeof Chunk.Type;

export const chunkId = (number: number, round: number) => (round === 0 ? `${number}` : `${number}.${round}`);

/** The number and the round of a chunk's id. */
export function parseChunkId(id: string): { readonly number: number; readonly round: number } {
  const [number, round] = id.split(".");
  return { number: Number(number), round: round === undefined ? 0 : Number(round) };
}

/** The tasks that a chunk has to bring to an outcome. */
export const indexesOf = ({ first, count, indexes }: Pick<Chunk, "first" | "count" | "indexes">): Ranges =>
  indexes ?? (count === 0 ? [] : [[first, first + count - 1]]);

/** Whether a chunk's count is that of its indexes. */
export const isConsistent = (chunk: Chunk) => countOf(indexesOf(chunk)) === chunk.count;

/** Where a job's tasks and chunks lie, claimed once by the split, by Accept, or by Settle for a further round. */
export const Plan = Schema.Struct({
  tasksKey: Schema.String,
  chunksKey: Schema.String,
  /** Chunks in this round. */
  chunks: Schema.Int,
  /** Tasks of the whole job. */
  total: Schema.Int,
  /** Settle's pass, 0 for the split's own. */
  round: Schema.Int,
  /** The only chunk, when there is just one: it needs no Map. */
  single: Schema.optionalKey(Chunk),
});
export type Plan = typeof Plan.Type;
