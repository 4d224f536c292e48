import { Effect, Option } from "effect";
import type { LedgerShape } from "../ledger.ts";
import { found } from "./found.ts";
import { jobFields, jobKey, jobOf } from "./job-items.ts";
import { JOBS_INDEX, type Table } from "./table.ts";

type Jobs = Pick<
  LedgerShape,
  | "recordJob"
  | "getJob"
  | "listJobs"
  | "setState"
  | "addProgress"
  | "claimProgressEvent"
  | "setCounts"
  | "setFailedAtRedrive"
>;

/** Job items: recording, reading, counting. */
export function makeJobs(table: Table): Jobs {
  const getJob = getJobFrom(table);

  const change = (jobId: string, update: string, values: Readonly<Record<string, unknown>>) =>
    table.update(jobKey(jobId), { update, condition: "attribute_exists(pk)", values }).pipe(found(`job ${jobId}`));

  return {
    getJob,

    recordJob: Effect.fn("Ledger.recordJob")(function* (job) {
      const fields = { ...jobFields(job), listed: JOBS_INDEX };
      const settings = Object.keys(fields).map((name) => `#${name} = :${name}`);
      const written = yield* table.update(jobKey(job.jobId), {
        update: `SET ${settings.join(", ")}`,
        condition: "attribute_not_exists(pk)",
        values: fields,
      });
      if (Option.isSome(written)) return { recorded: true } as const;
      const existing = yield* found(`job ${job.jobId}`)(getJob(job.jobId));
      return existing.executionArn === job.executionArn
        ? ({ recorded: true } as const)
        : ({ recorded: false, existing } as const);
    }),

    listJobs: (limit) => Effect.flatMap(table.newestJobs(limit), (items) => Effect.forEach(items, jobOf)),

    setState: (jobId, state) => Effect.asVoid(change(jobId, "SET #state = :state", { state })),

    addProgress: (jobId, progress) =>
      change(
        jobId,
        "ADD #succeeded :succeeded, #failed :failed, #taskMilliseconds :taskMilliseconds, #taskCount :taskCount",
        { ...progress },
      ).pipe(Effect.flatMap(jobOf)),

    claimProgressEvent: (jobId, now, notSince) =>
      Effect.map(
        table.update(jobKey(jobId), {
          update: "SET #progressedAt = :now",
          condition: "attribute_exists(pk) AND (attribute_not_exists(#progressedAt) OR #progressedAt <= :notSince)",
          values: { now: now.toISOString(), notSince: notSince.toISOString() },
        }),
        Option.isSome,
      ),

    setCounts: (jobId, counts) =>
      Effect.asVoid(change(jobId, "SET #succeeded = :succeeded, #failed = :failed", { ...counts })),

    setFailedAtRedrive: (jobId, redrive) =>
      Effect.asVoid(change(jobId, "SET #failedAtRedrive = :redrive", { redrive })),
  };
}

export const getJobFrom =
  (table: Table): LedgerShape["getJob"] =>
  (jobId) =>
    Effect.flatMap(table.get(jobKey(jobId)), (item) =>
      Option.isSome(item) ? Effect.map(jobOf(item.value), Option.some) : Effect.succeedNone,
    );
