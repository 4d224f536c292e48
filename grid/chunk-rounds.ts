import { Effect } from "effect";
import type { AwsError } from "./aws.ts";
import { type Chunk, parseChunkId } from "./chunk.ts";
import { BrokenRecord } from "./errors.ts";
import type { JobRecord } from "./job.ts";
import type { ChunkRecord } from "./ledger/chunk-record.ts";
import type { LedgerShape } from "./ledger.ts";
import type { TaskStoreShape } from "./task-store.ts";

/** A chunk of the split with its further rounds, oldest first; each with its item in the ledger, if it has one. */
export interface ChunkRounds {
  /** Round 0: all tasks of the byte range. */
  readonly chunk: Chunk;
  readonly rounds: readonly { readonly chunk: Chunk; readonly record: ChunkRecord | undefined }[];
}

/** Chunks whose items are read in one go. */
const GROUP = 64;

/**
 * All chunks of a job in task order, from its indexes and the ledger: by number, never by a scan, holding one group at a time.
 * The iteration throws AwsError or BrokenRecord.
 */
export async function* chunkRounds(
  ledger: Pick<LedgerShape, "getChunks">,
  tasks: Pick<TaskStoreShape, "chunks">,
  job: JobRecord,
): AsyncGenerator<ChunkRounds> {
  for await (const group of inGroups(indexedRounds(tasks, job), GROUP)) {
    const ids = group.flatMap((versions) => versions.map(({ chunk }) => chunk));
    const records = await run(ledger.getChunks(job.jobId, ids));
    for (const versions of group) {
      yield {
        chunk: versions[0]!,
        rounds: versions.map((chunk) => ({ chunk, record: records.get(chunk.chunk) })),
      };
    }
  }
}

const run = <A>(effect: Effect.Effect<A, AwsError | BrokenRecord>) => Effect.runPromise(effect);

/** Every chunk of the split with those of further rounds that have its number. Indexes are in the order of numbers, so this is a merge. */
async function* indexedRounds(tasks: Pick<TaskStoreShape, "chunks">, job: JobRecord): AsyncGenerator<Chunk[]> {
  if (job.plan === undefined) throw new BrokenRecord({ message: `job ${job.jobId} has no plan yet` });
  if (job.plan.chunks === 0) return;
  const later = job.rounds.map(({ chunksKey }) => new Ahead(tasks.chunks(chunksKey)));
  for await (const chunk of tasks.chunks(job.plan.chunksKey)) {
    const { number } = parseChunkId(chunk.chunk);
    const versions = [chunk];
    for (const round of later) {
      const next = await round.takeIf((other) => parseChunkId(other.chunk).number === number);
      if (next !== undefined) versions.push(next);
    }
    yield versions;
  }
}

/** An iteration that can be looked at one step ahead. */
class Ahead<A> {
  readonly #rest: AsyncIterator<A>;
  #next: Promise<IteratorResult<A>> | undefined;
  constructor(all: AsyncIterable<A>) {
    this.#rest = all[Symbol.asyncIterator]();
  }
  async takeIf(wanted: (value: A) => boolean): Promise<A | undefined> {
    this.#next ??= this.#rest.next();
    const { done, value } = await this.#next;
    if (done === true || !wanted(value)) return undefined;
    this.#next = undefined;
    return value;
  }
}

async function* inGroups<A>(all: AsyncIterable<A>, size: number): AsyncGenerator<A[]> {
  let group: A[] = [];
  for await (const one of all) {
    group.push(one);
    if (group.length === size) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}
