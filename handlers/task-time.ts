import { Effect } from "effect";
import type { JobRecord } from "#grid/job.ts";
import { Ledger } from "#grid/ledger.ts";

/** Takes what was measured of a job's tasks into its application's mean, by which the next packs are sized. */
export const recordTaskTimes = Effect.fnUntraced(function* ({ application, taskMilliseconds, taskCount }: JobRecord) {
  if (taskCount === 0) return;
  const ledger = yield* Ledger;
  yield* ledger.recordTaskTime(application, taskMilliseconds / taskCount / 1000);
});
