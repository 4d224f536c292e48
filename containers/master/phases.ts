import type { JobRecord } from "#grid/job.ts";
import { merge } from "./merge.ts";
import type { MasterSettings } from "./settings.ts";
import { index, split } from "./split.ts";

type Phase = MasterSettings["phase"];

export const PHASES = { split, index, merge } as const;

/** Whether an earlier pod claimed the phase: then it is done, and only the state that waits for it may not know. */
export const isClaimed = (phase: Phase, { plan, merged }: JobRecord): boolean =>
  (phase === "merge" ? merged : plan) !== undefined;
