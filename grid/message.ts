import { Schema } from "effect";
import { PRIORITIES } from "./names.ts";
import { countOf, inRanges, type Ranges } from "./ranges.ts";

/**
 * The body of a task message (a pack): one line of JSON about it, then one line a task exactly as the split wrote it.
 * Everything else that a worker needs to know of the application is in the image's `grid.json`.
 */
const PackHeaderSchema = Schema.Struct({
  v: Schema.Literal(1),
  job: Schema.String,
  application: Schema.String,
  chunk: Schema.String,
  /** RedriveCount of the job's execution when this was sent. */
  epoch: Schema.Int,
  /** Of each of the tasks, from 1. */
  attempt: Schema.Int,
  /** Index of each of the lines that follow, in their order. */
  indexes: Schema.Array(Schema.Tuple([Schema.Int, Schema.Int])),
  /** Queue for the outcomes. */
  lane: Schema.Literals(["bulk", "fast"]),
  priority: Schema.Literals(PRIORITIES),
  /** Epoch milliseconds at which the job's time is over. */
  deadline: Schema.Int,
});
export type PackHeader = typeof PackHeaderSchema.Type;

export interface Pack {
  readonly header: PackHeader;
  /** Tasks as JSON text, in the order of the header's indexes. */
  readonly tasks: readonly string[];
}

const decodeHeader = Schema.decodeUnknownSync(Schema.fromJsonString(PackHeaderSchema));

/** The bytes that a header takes at most beside its tasks: ids of 200 bytes, ranges of a task each. */
export const encodePack = (header: PackHeader, tasks: readonly string[]): string =>
  `${JSON.stringify(header)}\n${tasks.map(sqsText).join("\n")}`;

/** Throws an Error that says what is wrong with a body that is no pack. */
export function decodePack(body: string): Pack {
  const end = body.indexOf("\n");
  const header = decodeHeader(end < 0 ? body : body.slice(0, end));
  const tasks = end < 0 ? [] : body.slice(end + 1).split("\n");
  const expected = countOf(header.indexes);
  if (tasks.length !== expected) {
    throw new Error(`pack of job ${header.job}, chunk ${header.chunk}: ${expected} indexes, but ${tasks.length} tasks`);
  }
  return { header, tasks };
}

/** The indexes of a pack, one for each of its tasks. */
export const packIndexes = (header: PackHeader): number[] => [...inRanges(header.indexes as Ranges)];

/**
 * JSON text that SQS takes. Its messages may hold #x9 | #xA | #xD | #x20-#xD7FF | #xE000-#xFFFD | #x10000-#x10FFFF (SendMessage,
 * API reference), so two characters that JSON leaves as they are, and a lone surrogate, are written as escapes.
 */
export const sqsText = (json: string): string =>
  FORBIDDEN.test(json) || !json.isWellFormed()
    ? json.replace(FORBIDDEN_ALL, escaped).replace(LONE_SURROGATE, escaped)
    : json;

const FORBIDDEN = /[\uFFFE\uFFFF]/;
const FORBIDDEN_ALL = /[\uFFFE\uFFFF]/g;
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
