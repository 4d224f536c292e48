import type { Chunk } from "../chunk.ts";
import type { CompletionLane } from "../names.ts";
import type { OutcomeCounts, Outcomes } from "../outcomes.ts";
import type { SegmentRef } from "../segment-ref.ts";

/**
 * `open`: takes outcomes. `full`: every task has one, success may still have to be sent with the token. `closed`: it was sent.
 * `frozen`: given up by Settle, which put its unfinished tasks into the next round.
 */
export const CHUNK_STATES = ["open", "full", "closed", "frozen"] as const;
type ChunkState = (typeof CHUNK_STATES)[number];

/** A chunk in the ledger. */
export interface ChunkRecord {
  readonly jobId: string;
  readonly chunk: Chunk;
  readonly state: ChunkState;
  /** Callback token of the state that waits for this chunk; none when it was frozen before it was dispatched. */
  readonly token: string | undefined;
  /** RedriveCount of the last dispatch. */
  readonly epoch: number;
  readonly lane: CompletionLane | undefined;
  /** Absolute task indexes. Of a full or closed chunk `ok` is empty: what is not in `failed` succeeded. */
  readonly outcomes: Outcomes;
  /** Of a full or closed chunk. */
  readonly counts: OutcomeCounts | undefined;
  readonly refs: readonly SegmentRef[];
  /** ISO 8601 time of the last dispatch, and the number of dispatches. */
  readonly sentAt: string | undefined;
  readonly sends: number;
}

/** Whether all of a chunk's tasks have an outcome. */
export const isDone = ({ state }: ChunkRecord): boolean => state === "full" || state === "closed";
