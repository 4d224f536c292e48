import { Effect } from "effect";
import { indexesOf } from "./chunk.ts";
import { type ChunkRounds, chunkRounds } from "./chunk-rounds.ts";
import { BrokenRecord } from "./errors.ts";
import type { JobRecord } from "./job.ts";
import type { LedgerShape } from "./ledger.ts";
import { jobKeys } from "./names.ts";
import type { ObjectsShape } from "./objects.ts";
import { outputRow } from "./result-row.ts";
import type { SegmentRef } from "./segment-ref.ts";
import type { TaskStoreShape } from "./task-store.ts";

export interface ResultLine {
  readonly index: number;
  /** The row's JSON, without a newline. */
  readonly line: string;
}

export interface RowOptions {
  /** The first task index wanted. Default 0. Chunks that end before it are not read. */
  readonly from?: number;
  /** Only rows of tasks that failed. Default false. */
  readonly failedOnly?: boolean;
  /** True: rows of outputs that lie in their own objects are answered with the output itself. Default false. */
  readonly resolve?: boolean;
}

interface Stores {
  readonly objects: ObjectsShape;
  readonly tasks: TaskStoreShape;
  readonly ledger: LedgerShape;
}

/** Chunks whose rows are read ahead of the one that is being handed out. */
const READ_AHEAD = 3;
/** Ranges of a chunk read at once. */
const READING = 8;

/** See ResultStore.rows. */
export async function* resultRows(
  stores: Stores,
  job: JobRecord,
  options: RowOptions = {},
): AsyncGenerator<ResultLine> {
  const { from = 0, failedOnly = false, resolve = false } = options;
  const ahead: Promise<ResultLine[]>[] = [];
  try {
    for await (const chunk of chunkRounds(stores.ledger, endingAtOrAfter(from, stores.tasks), job)) {
      if (failedOnly && !mayHaveFailures(chunk)) continue;
      const wanted = (row: Row) => row.index >= from && (row.failed || !failedOnly);
      ahead.push(handled(rowsOfChunk(stores.objects, job.jobId, chunk, wanted)));
      if (ahead.length > READ_AHEAD) yield* resolved(stores.objects, await ahead.shift()!, resolve);
    }
    while (ahead.length > 0) yield* resolved(stores.objects, await ahead.shift()!, resolve);
  } finally {
    await Promise.allSettled(ahead);
  }
}

/** The chunks of an index whose last task is `from` or later, of any round. */
const endingAtOrAfter = (from: number, tasks: TaskStoreShape): Pick<TaskStoreShape, "chunks"> => ({
  chunks: async function* (chunksKey) {
    for await (const chunk of tasks.chunks(chunksKey)) {
      const [, last] = indexesOf(chunk).at(-1) ?? [0, -1];
      if (last >= from) yield chunk;
    }
  },
});

/** A promise whose rejection may be looked at later. */
const handled = <A>(promise: Promise<A>): Promise<A> => {
  promise.catch(() => undefined);
  return promise;
};

const mayHaveFailures = ({ rounds }: ChunkRounds) =>
  rounds.some(({ record }) => record !== undefined && record.outcomes.failed.size > 0);

async function rowsOfChunk(
  objects: ObjectsShape,
  jobId: string,
  { rounds }: ChunkRounds,
  wanted: (row: Row) => boolean,
): Promise<ResultLine[]> {
  const rows = new Map<number, Row>();
  for (const { record } of rounds) {
    const ofRound = new Map<number, Row>();
    for (const text of await rangesOf(objects, jobId, record?.refs ?? [])) {
      for (const line of linesIn(text)) {
        const row = rowOf(line, jobId);
        const earlier = ofRound.get(row.index);
        if (earlier === undefined || (earlier.failed && !row.failed)) ofRound.set(row.index, row);
      }
    }
    for (const [index, row] of ofRound) rows.set(index, row);
  }
  return [...rows.values()].filter(wanted).sort((a, b) => a.index - b.index);
}

const rangesOf = (objects: ObjectsShape, jobId: string, refs: readonly SegmentRef[]): Promise<readonly string[]> =>
  Effect.runPromise(
    Effect.forEach(
      refs,
      ({ segment, start, length }) =>
        Effect.map(objects.range(jobKeys.segment(jobId, segment), start, start + length), (bytes) => bytes.toString()),
      { concurrency: READING },
    ),
  );

const linesIn = (text: string) => text.split("\n").filter((line) => line !== "");

interface Row extends ResultLine {
  readonly failed: boolean;
}

/** Rows begin as grid/completion.ts writes them, so a row's kind is known without parsing its output. */
const ROW_START = /^\{"index":(\d+),"(output|outputUri|error)":/;

const rowOf = (line: string, jobId: string): Row => {
  const start = ROW_START.exec(line);
  if (start === null) throw new BrokenRecord({ message: `job ${jobId}: not a result row: ${line.slice(0, 200)}` });
  return { index: Number(start[1]), line, failed: start[2] === "error" };
};

async function* resolved(
  objects: ObjectsShape,
  rows: readonly ResultLine[],
  resolve: boolean,
): AsyncGenerator<ResultLine> {
  for (const { index, line } of rows) {
    const stored = resolve && line.startsWith(`{"index":${index},"outputUri":`);
    yield { index, line: stored ? await outputAt(objects, index, line) : line };
  }
}

const outputAt = async (objects: ObjectsShape, index: number, line: string): Promise<string> => {
  const { outputUri } = JSON.parse(line) as { outputUri: string };
  return outputRow(index, await Effect.runPromise(objects.text(outputUri))).trimEnd();
};
