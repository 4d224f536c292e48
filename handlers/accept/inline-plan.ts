import type { Chunk, Plan } from "#grid/chunk.ts";
import { ChunkIndex } from "#grid/chunk-index.ts";
import { jobKeys } from "#grid/names.ts";

/** The chunks of tasks that lie one a line in a file, each line ended by a newline. */
export function chunksOf(lines: readonly string[], size: number): Chunk[] {
  const index = new ChunkIndex(size);
  const chunks = lines.map((line) => index.add(Buffer.byteLength(line) + 1));
  return [...chunks, index.end()].filter((chunk) => chunk !== undefined);
}

/** The plan of a job whose tasks came in its event. */
export function inlinePlan(jobId: string, chunks: readonly Chunk[], total: number): Plan {
  const [single, ...others] = chunks;
  return {
    tasksKey: jobKeys.inlineTasks(jobId),
    chunksKey: jobKeys.inlineChunks(jobId),
    chunks: chunks.length,
    total,
    round: 0,
    ...(single !== undefined && others.length === 0 && { single }),
  };
}
