import { decodeCompletion, type Section } from "#grid/completion.ts";
import type { OutcomeCounts, Outcomes } from "#grid/outcomes.ts";
import { countOf, inRanges } from "#grid/ranges.ts";

/** A message of a completion queue. */
export interface CompletionMessage {
  readonly messageId: string;
  readonly body: string;
}

/** What a batch of messages says of one chunk. */
export interface ChunkCompletion {
  readonly chunk: string;
  readonly outcomes: Outcomes;
  /** Result rows, as the workers wrote them. */
  readonly rows: string;
  readonly messageIds: ReadonlySet<string>;
}

/** What a batch of messages says of one job. */
export interface JobCompletion {
  readonly jobId: string;
  readonly application: string;
  readonly chunks: readonly ChunkCompletion[];
  readonly taskMilliseconds: number;
  readonly taskCount: number;
  readonly messageIds: ReadonlySet<string>;
}

export interface Sorted {
  readonly jobs: readonly JobCompletion[];
  /** Messages that are no completions, each with what is wrong. */
  readonly broken: readonly { readonly messageId: string; readonly problem: string }[];
}

type SectionOf = Section & { readonly messageId: string };

/** Sorts a batch of completions by job and chunk. Rows are moved, never parsed. */
export function sortCompletions(messages: readonly CompletionMessage[]): Sorted {
  const broken: { messageId: string; problem: string }[] = [];
  const sections: SectionOf[] = [];
  for (const { messageId, body } of messages) {
    try {
      for (const section of decodeCompletion(body)) sections.push({ ...section, messageId });
    } catch (cause) {
      broken.push({ messageId, problem: cause instanceof Error ? cause.message : String(cause) });
    }
  }
  const jobs = Map.groupBy(sections, ({ header }) => header.job);
  return { jobs: [...jobs].map(([jobId, ofJob]) => jobCompletion(jobId, ofJob)), broken };
}

function jobCompletion(jobId: string, sections: readonly SectionOf[]): JobCompletion {
  const chunks = Map.groupBy(sections, ({ header }) => header.chunk);
  return {
    jobId,
    application: sections[0]!.header.application,
    chunks: [...chunks].map(([chunk, ofChunk]) => chunkCompletion(chunk, ofChunk)),
    taskMilliseconds: sections.reduce((sum, { header }) => sum + header.milliseconds, 0),
    taskCount: sections.reduce((sum, { header: { ok, failed } }) => sum + countOf(ok) + countOf(failed), 0),
    messageIds: new Set(sections.map(({ messageId }) => messageId)),
  };
}

function chunkCompletion(chunk: string, sections: readonly SectionOf[]): ChunkCompletion {
  const ok = new Set<number>();
  const failed = new Set<number>();
  for (const { header } of sections) {
    for (const index of inRanges(header.ok)) ok.add(index);
    for (const index of inRanges(header.failed)) failed.add(index);
  }
  return {
    chunk,
    outcomes: { ok, failed },
    rows: sections.map(({ rows }) => rows).join(""),
    messageIds: new Set(sections.map(({ messageId }) => messageId)),
  };
}

/** Counts added. */
export const sumOf = (counts: readonly OutcomeCounts[]): OutcomeCounts => ({
  succeeded: counts.reduce((sum, { succeeded }) => sum + succeeded, 0),
  failed: counts.reduce((sum, { failed }) => sum + failed, 0),
});
