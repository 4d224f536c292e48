import { encodeSection } from "#grid/completion.ts";
import type { PackHeader } from "#grid/message.ts";
import { rangesOf } from "#grid/ranges.ts";

/** Outcomes of some tasks of a pack. */
export interface TaskOutcomes {
  readonly header: Pick<PackHeader, "job" | "application" | "chunk" | "epoch" | "lane">;
  readonly ok: readonly number[];
  readonly failed: readonly number[];
  /** Result rows of both, each ended by a newline. */
  readonly rows: string;
  readonly milliseconds: number;
}

/** The body of a completion message: a section for each chunk (of a job and epoch) that the outcomes are about. */
export function completionBody(outcomes: readonly TaskOutcomes[]): string {
  const chunks = new Map<string, TaskOutcomes[]>();
  for (const each of outcomes) {
    const { job, chunk, epoch } = each.header;
    const key = `${job} ${chunk} ${epoch}`;
    const known = chunks.get(key);
    if (known === undefined) chunks.set(key, [each]);
    else known.push(each);
  }
  return [...chunks.values()].map(sectionOf).join("");
}

function sectionOf(outcomes: readonly TaskOutcomes[]): string {
  const { job, application, chunk, epoch } = outcomes[0]!.header;
  return encodeSection(
    {
      job,
      application,
      chunk,
      epoch,
      ok: rangesOf(outcomes.flatMap(({ ok }) => ok)),
      failed: rangesOf(outcomes.flatMap(({ failed }) => failed)),
      milliseconds: outcomes.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    },
    outcomes.map(({ rows }) => rows).join(""),
  );
}
