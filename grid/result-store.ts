import { Context, Effect, Layer } from "effect";
import type { AwsError } from "./aws.ts";
import type { JobRecord } from "./job.ts";
import { Ledger } from "./ledger.ts";
import { jobKeys } from "./names.ts";
import { Objects } from "./objects.ts";
import { type ResultLine, type RowOptions, resultRows } from "./result-rows.ts";
import { TaskStore } from "./task-store.ts";

export interface ResultStoreShape {
  /** Stores the rows of one batch of completions; `segmentId` is 20 hexadecimal digits. */
  putSegment(jobId: string, segmentId: string, rows: string): Effect.Effect<void, AwsError>;
  /** Stores an output that is too large for a row; returns its URI. */
  putOutput(jobId: string, index: number, attemptId: string, json: string): Effect.Effect<string, AwsError>;
  /**
   * A job's rows in task order, each index at most once, chunk by chunk: the newest round wins an index, then a success over a failure,
   * then the first in segment order. The iteration throws AwsError or BrokenRecord.
   */
  rows(job: JobRecord, options?: RowOptions): AsyncIterable<ResultLine>;
}

/** What the tasks of a job brought, in S3. */
export class ResultStore extends Context.Service<ResultStore, ResultStoreShape>()("grid/ResultStore") {
  static readonly layerNoDeps = Layer.effect(
    ResultStore,
    Effect.gen(function* () {
      const objects = yield* Objects;
      const tasks = yield* TaskStore;
      const ledger = yield* Ledger;
      return ResultStore.of({
        putSegment: (jobId, segmentId, rows) => objects.put(jobKeys.segment(jobId, segmentId), rows),
        putOutput: (jobId, index, attemptId, json) => {
          const key = jobKeys.output(jobId, index, attemptId);
          return Effect.as(objects.put(key, json), objects.uri(key));
        },
        rows: (job, options) => resultRows({ objects, tasks, ledger }, job, options),
      });
    }),
  );
  static readonly layer = this.layerNoDeps.pipe(
    Layer.provide([Ledger.layer, TaskStore.layerNoDeps.pipe(Layer.provideMerge(Objects.layer))]),
  );
}
