import type { ApplicationDefinition, PoolDefinition } from "./definition.ts";
import { tasksPerTarget } from "./packing.ts";

/** Tasks a chunk. One callback a chunk: 1,000 keep a million tasks below 1,000 state machine children. */
const CHUNK_TASKS = 1000;
/** Where a message holds several tasks, so that a chunk is still short. More numbers would not fit its item in the ledger cheaply. */
const PACKED_CHUNK_TASKS = 4000;
/** What a Map Run can hold (Step Functions quotas). */
const MAX_CONCURRENCY = 10_000;

/** The mean time of an application's tasks, in seconds: as measured, else as its owner expects, else unknown. */
export const knownTaskSeconds = ({ pack }: ApplicationDefinition, measured: number | undefined): number | undefined =>
  measured ?? pack.expectedTaskSeconds;

/** Tasks a chunk of a new job: the application's own figure, else 1,000, or 4,000 where a message holds at least two tasks. */
export function chunkSizeOf(application: ApplicationDefinition, measuredTaskSeconds: number | undefined): number {
  if (application.chunkSize !== undefined) return application.chunkSize;
  const taskSeconds = knownTaskSeconds(application, measuredTaskSeconds);
  return tasksPerTarget({ ...application.pack, taskSeconds }) > 1 ? PACKED_CHUNK_TASKS : CHUNK_TASKS;
}

/** Tasks that a pool's workers can run at a time when it has grown to its largest. */
export const slotsOf = ({ max, slots }: PoolDefinition): number => max * slots;

/** Chunks dispatched at a time: work for every slot twenty times over, so that stragglers do not starve the pool. */
export function maxConcurrencyOf(application: ApplicationDefinition, pool: PoolDefinition, chunkSize: number): number {
  const forPool = Math.ceil((20 * slotsOf(pool)) / chunkSize);
  return application.maxConcurrency ?? Math.min(MAX_CONCURRENCY, Math.max(100, forPool));
}
