import { once } from "node:events";
import { PassThrough } from "node:stream";
import { Effect } from "effect";
import type { Chunk, Plan } from "#grid/chunk.ts";
import { ChunkIndex } from "#grid/chunk-index.ts";
import { chunkLine, TaskStore } from "#grid/task-store.ts";
import type { TaskLines } from "./task-lines.ts";
import { Watched } from "./watched.ts";

interface TasksFile {
  readonly tasksKey: string;
  readonly chunksKey: string;
  /** Tasks a chunk. */
  readonly chunkSize: number;
}

/**
 * Streams tasks and the index of their chunks to S3 side by side, in bounded memory, and returns the plan. Fails with what `lines`
 * threw, or with an AwsError.
 */
export const writeTasks = Effect.fn("writeTasks")(function* (lines: TaskLines, file: TasksFile) {
  const store = yield* TaskStore;
  const source = new Watched(lines);
  const index = new IndexStream(file.chunkSize);
  yield* Effect.all([store.upload(file.tasksKey, taskText(source, index)), store.upload(file.chunksKey, index.lines)], {
    concurrency: "unbounded",
    discard: true,
  }).pipe(source.blamed);
  return index.plan(file);
});

/** The tasks file. */
async function* taskText(lines: TaskLines, index: IndexStream): AsyncGenerator<string> {
  try {
    for await (const batch of lines) {
      if (batch.length === 0) continue;
      for (const line of batch) {
        const ended = index.chunks.add(Buffer.byteLength(line) + 1);
        if (ended !== undefined) await index.write(ended);
      }
      yield `${batch.join("\n")}\n`;
    }
    const last = index.chunks.end();
    if (last !== undefined) await index.write(last);
  } finally {
    index.lines.end();
  }
}

/** The index as a stream of lines, with what the plan needs to know of it. */
class IndexStream {
  readonly chunks: ChunkIndex;
  readonly lines = new PassThrough();
  #first: Chunk | undefined;

  constructor(chunkSize: number) {
    this.chunks = new ChunkIndex(chunkSize);
  }

  async write(chunk: Chunk): Promise<void> {
    this.#first ??= chunk;
    if (!this.lines.write(chunkLine(chunk))) await once(this.lines, "drain");
  }

  plan({ tasksKey, chunksKey }: TasksFile): Plan {
    const { chunks, tasks } = this.chunks;
    return {
      tasksKey,
      chunksKey,
      chunks,
      total: tasks,
      round: 0,
      ...(chunks === 1 && { single: this.#first! }),
    };
  }
}
