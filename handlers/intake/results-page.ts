import type { ResultsQuery } from "#grid/api.ts";
import type { ResultLine } from "#grid/result-rows.ts";
import { MAX_BODY_JSON_BYTES } from "./load-balancer.ts";

export interface ResultsPage {
  readonly lines: readonly string[];
  /** The index to go on from; none on the last page. */
  readonly next: number | undefined;
}

/** As many rows as fit into an answer, `limit` at most. A row of any size that the grid stores fits: its output has 256 KiB at most. */
export async function pageOf(
  rows: AsyncIterable<ResultLine>,
  limit: number,
  maxBytes: number = MAX_BODY_JSON_BYTES,
): Promise<ResultsPage> {
  const lines: string[] = [];
  let bytes = 0;
  for await (const { index, line } of rows) {
    bytes += jsonBytes(line);
    if (lines.length === limit || (bytes > maxBytes && lines.length > 0)) return { lines, next: index };
    lines.push(line);
  }
  return { lines, next: undefined };
}

/** What a line and its newline take inside a JSON string. */
const jsonBytes = (line: string) => Buffer.byteLength(JSON.stringify(line));

/** A link to the next page (RFC 8288), relative to the one that was asked for. */
export function nextLink(next: number, { limit, failed }: ResultsQuery): string {
  const query = new URLSearchParams({
    from: String(next),
    ...(limit !== undefined && { limit: String(limit) }),
    ...(failed !== undefined && { failed: String(failed) }),
  });
  return `<?${query}>; rel="next"`;
}
