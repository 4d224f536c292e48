import type { Readable } from "node:stream";
import { Context, Effect, Layer, Schema } from "effect";
import type { AwsError } from "./aws.ts";
import { Chunk } from "./chunk.ts";
import { BrokenRecord } from "./errors.ts";
import { linesOf } from "./lines.ts";
import { jobKeys } from "./names.ts";
import { Objects, type ObjectsShape } from "./objects.ts";

export interface TaskStoreShape {
  /** Stores a job's input, JSON text; returns its URI. */
  putInput(jobId: string, json: string): Effect.Effect<string, AwsError>;
  /** A job's input as JSON text; `null` for a job without one. */
  getInput(uri: string | undefined): Effect.Effect<string, AwsError>;
  /** Stores the tasks that a request brought, JSON texts, and their index. */
  putInlineTasks(jobId: string, lines: readonly string[], chunks: readonly Chunk[]): Effect.Effect<void, AwsError>;
  /** The lines of a chunk's byte range, one a task of the range, whatever `indexes` the chunk lists. */
  readTasks(tasksKey: string, chunk: Chunk): Effect.Effect<string[], AwsError | BrokenRecord>;
  /** JSONL that a job brought, or tasks that a master wrote, as a stream of bytes. */
  openTasks(keyOrUri: string): Effect.Effect<Readable, AwsError>;
  /** Streams tasks or an index to a key, in bounded memory. */
  upload(key: string, parts: AsyncIterable<string | Uint8Array>): Effect.Effect<void, AwsError>;
  /** The chunks of an index, in its order, in bounded memory. The iteration throws AwsError or BrokenRecord. */
  chunks(chunksKey: string): AsyncIterable<Chunk>;
}

/** A job's input, its tasks (JSONL) and the indexes of its chunks. */
export class TaskStore extends Context.Service<TaskStore, TaskStoreShape>()("grid/TaskStore") {
  static readonly layerNoDeps = Layer.effect(TaskStore, Effect.map(Objects, makeTaskStore));
  static readonly layer = this.layerNoDeps.pipe(Layer.provide(Objects.layer));
}

/** A chunk as its line in an index, newline included. */
export const chunkLine = (chunk: Chunk): string => `${JSON.stringify(chunk)}\n`;

const decodeChunk = Schema.decodeUnknownSync(Schema.fromJsonString(Chunk));

function makeTaskStore(objects: ObjectsShape): TaskStoreShape {
  return {
    putInput: (jobId, json) => Effect.as(objects.put(jobKeys.input(jobId), json), objects.uri(jobKeys.input(jobId))),
    getInput: (uri) => (uri === undefined ? Effect.succeed("null") : objects.text(uri)),
    putInlineTasks: (jobId, lines, chunks) =>
      Effect.andThen(
        objects.put(jobKeys.inlineTasks(jobId), lines.map((line) => `${line}\n`).join("")),
        objects.put(jobKeys.inlineChunks(jobId), chunks.map(chunkLine).join("")),
      ),
    readTasks: Effect.fnUntraced(function* (tasksKey: string, chunk: Chunk) {
      if (chunk.end <= chunk.start) return [];
      const bytes = yield* objects.range(tasksKey, chunk.start, chunk.end);
      if (bytes.length !== chunk.end - chunk.start || bytes.at(-1) !== NEWLINE) {
        return yield* new BrokenRecord({
          message: `chunk ${chunk.chunk}: bytes ${chunk.start} to ${chunk.end} of ${tasksKey} are no whole lines`,
        });
      }
      return bytes.toString("utf8", 0, bytes.length - 1).split("\n");
    }),
    openTasks: objects.stream,
    upload: objects.upload,
    chunks: async function* (chunksKey) {
      const stream = await Effect.runPromise(objects.stream(chunksKey));
      for await (const line of linesOf(stream)) yield chunkOf(line, chunksKey);
    },
  };
}

const NEWLINE = 10;

const chunkOf = (line: string, chunksKey: string): Chunk => {
  try {
    return decodeChunk(line);
  } catch (cause) {
    throw new BrokenRecord({ message: `${chunksKey}: not a chunk: ${line.slice(0, 200)}: ${String(cause)}` });
  }
};
