import { Schema } from "effect";
import { sqsText } from "./message.ts";

/**
 * The body of a completion message: sections, one for each chunk it tells about. A section is a line of JSON (its header), then
 * `length` UTF-16 code units of result rows, each a line that ends in a newline. Collect slices the rows out and never parses them:
 * they go to the result segment as the worker wrote them.
 */
const SectionHeaderSchema = Schema.Struct({
  v: Schema.Literal(1),
  job: Schema.String,
  application: Schema.String,
  chunk: Schema.String,
  epoch: Schema.Int,
  ok: Schema.Array(Schema.Tuple([Schema.Int, Schema.Int])),
  failed: Schema.Array(Schema.Tuple([Schema.Int, Schema.Int])),
  /** Wall time that the tasks of this section took, all added. */
  milliseconds: Schema.Finite,
  /** Of the rows that follow. */
  length: Schema.Int,
});
export type SectionHeader = typeof SectionHeaderSchema.Type;

export interface Section {
  readonly header: SectionHeader;
  /** Result rows, each ended by a newline. */
  readonly rows: string;
}

const decodeHeader = Schema.decodeUnknownSync(Schema.fromJsonString(SectionHeaderSchema));

export const encodeSection = (header: Omit<SectionHeader, "v" | "length">, rows: string): string => {
  const safe = sqsText(rows);
  return `${JSON.stringify({ v: 1, ...header, length: safe.length })}\n${safe}`;
};

/** Throws an Error for a body that is no completion. */
export function decodeCompletion(body: string): Section[] {
  const sections: Section[] = [];
  let at = 0;
  while (at < body.length) {
    const end = body.indexOf("\n", at);
    if (end < 0) throw new Error(`completion: no section header at character ${at}`);
    const header = decodeHeader(body.slice(at, end));
    at = end + 1 + header.length;
    if (at > body.length) throw new Error(`completion of job ${header.job}, chunk ${header.chunk}: rows are cut short`);
    sections.push({ header, rows: body.slice(end + 1, at) });
  }
  return sections;
}

/** One task's outcome, as result segments, `burstgrid results` and merge commands have it. */
export type ResultRow =
  | { readonly index: number; readonly output: unknown }
  | { readonly index: number; readonly error: TaskError; readonly attempts: number };

export interface TaskError {
  /** The error's class, or one of the grid's own: `Grid.TaskTimedOut`, `Grid.CommandFailed`, … */
  readonly type: string;
  readonly message: string;
}

/** A row in a segment; an output over the inline limit is named by where it lies. */
export type StoredRow = ResultRow | { readonly index: number; readonly outputUri: string; readonly bytes: number };
