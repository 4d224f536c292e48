import { indexesOf } from "./chunk.ts";
import type { ChunkRounds } from "./chunk-rounds.ts";
import { isDone } from "./ledger/chunk-record.ts";
import { inRanges, type Ranges, toRanges } from "./ranges.ts";
import { isTolerated, type Tolerance } from "./tolerance.ts";

/** How the tasks of a chunk stand, over all its rounds. */
export interface ChunkSettlement {
  readonly succeeded: number;
  readonly failed: Ranges;
  readonly unfinished: Ranges;
}

type TaskState = "succeeded" | "failed" | "unfinished";

/** The newest round that lists a task decides how it stands. */
export function settleChunk({ chunk: { first, count }, rounds }: ChunkRounds): ChunkSettlement {
  const states = new Array<TaskState>(count).fill("unfinished");
  for (const { chunk, record } of rounds) {
    for (const index of inRanges(indexesOf(chunk))) {
      states[index - first] = stateIn(record, index);
    }
  }
  const inState = (wanted: TaskState) =>
    states.flatMap((state, position) => (state === wanted ? [first + position] : []));
  const failed = inState("failed");
  const unfinished = inState("unfinished");
  return {
    succeeded: count - failed.length - unfinished.length,
    failed: toRanges(failed),
    unfinished: toRanges(unfinished),
  };
}

function stateIn(record: ChunkRounds["rounds"][number]["record"], index: number): TaskState {
  if (record === undefined) return "unfinished";
  const { ok, failed } = record.outcomes;
  if (ok.has(index)) return "succeeded";
  if (failed.has(index)) return "failed";
  return isDone(record) ? "succeeded" : "unfinished";
}

/** Fan outs in a row that finish no task, after which the job fails. */
export const FRUITLESS_ROUNDS = 3;

/** What Settle looks at when it decides how a job goes on. Times in milliseconds since 1970. */
export interface Standing {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly unfinished: number;
  readonly tolerate: Tolerance;
  readonly failFast: boolean;
  readonly redriveCount: number;
  /** RedriveCount at which Settle last failed the job or began to run its failed tasks again. */
  readonly failedAtRedrive: number | undefined;
  /** At the last Fan out that Settle ordered: its redrive, the tasks finished, and how often in a row with just as many. */
  readonly settled: { readonly redrive: number; readonly finished: number; readonly times: number } | undefined;
  readonly now: number;
  readonly deadline: number;
}

export type Decision =
  | { readonly next: "done" }
  /** Fan out the unfinished tasks again; after a redrive the failed ones too. */
  | { readonly next: "round"; readonly retriesFailed: boolean; readonly settled: NonNullable<Standing["settled"]> }
  | { readonly next: "tasksFailed" }
  | { readonly next: "deadlineExceeded" }
  | { readonly next: "tasksLost" };

/** All tasks run before a job fails, but with `failFast`. After a redrive the failed tasks run once more. */
export function decide(standing: Standing): Decision {
  const { total, failed, unfinished, redriveCount, failedAtRedrive } = standing;
  const tolerated = isTolerated(failed, total, standing.tolerate);
  const redriven = failedAtRedrive !== undefined && redriveCount > failedAtRedrive;
  if (unfinished === 0 && tolerated) return { next: "done" };
  if (!tolerated && !redriven && (unfinished === 0 || standing.failFast)) return { next: "tasksFailed" };
  if (standing.now >= standing.deadline) return { next: "deadlineExceeded" };
  const settled = markOf(standing);
  if (settled.times > FRUITLESS_ROUNDS) return { next: "tasksLost" };
  return { next: "round", retriesFailed: redriven, settled };
}

function markOf({ succeeded, failed, redriveCount, settled }: Standing): NonNullable<Standing["settled"]> {
  const finished = succeeded + failed;
  const stuck = settled !== undefined && settled.redrive === redriveCount && settled.finished === finished;
  return { redrive: redriveCount, finished, times: stuck ? settled.times + 1 : 1 };
}
