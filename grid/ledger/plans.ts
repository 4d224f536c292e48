import { Effect, Option } from "effect";
import type { LedgerShape } from "../ledger.ts";
import { found } from "./found.ts";
import { jobKey, planText } from "./job-items.ts";
import { getJobFrom } from "./jobs.ts";
import type { Table } from "./table.ts";

type Plans = Pick<LedgerShape, "claimPlan" | "claimMerge" | "claimRound">;

/** What is claimed once: the first claim stands, and every other claimant gets that one. */
export function makePlans(table: Table): Plans {
  const getJob = getJobFrom(table);
  const jobThatIs = (jobId: string) => getJob(jobId).pipe(found(`job ${jobId}`));

  return {
    claimPlan: Effect.fn("Ledger.claimPlan")(function* (jobId, plan) {
      const claimed = yield* table.update(jobKey(jobId), {
        update: "SET #plan = :plan, #state = :running",
        condition: "attribute_exists(pk) AND attribute_not_exists(#plan)",
        values: { plan: planText(plan), running: "RUNNING" },
      });
      if (Option.isSome(claimed)) return plan;
      const job = yield* jobThatIs(jobId);
      return yield* found(`the plan of job ${jobId}`)(Effect.succeed(Option.fromNullishOr(job.plan)));
    }),

    claimMerge: Effect.fn("Ledger.claimMerge")(function* (jobId, merged) {
      const claimed = yield* table.update(jobKey(jobId), {
        update: "SET #merged = :merged",
        condition: "attribute_exists(pk) AND attribute_not_exists(#merged)",
        values: { merged },
      });
      if (Option.isSome(claimed)) return merged;
      const job = yield* jobThatIs(jobId);
      return yield* found(`the merge of job ${jobId}`)(Effect.succeed(Option.fromNullishOr(job.merged)));
    }),

    claimRound: Effect.fn("Ledger.claimRound")(function* (jobId, { single: _, ...plan }, settled, retriesAtRedrive) {
      // The condition fails for a Settle that is tried again after this write: its round is there.
      yield* table.update(jobKey(jobId), {
        update: [
          "SET #rounds = list_append(#rounds, :round), #settled = :settled, #state = :running",
          ...(retriesAtRedrive === undefined ? [] : [", #failedAtRedrive = :redrive"]),
          " REMOVE #error, #finishedAt, #resultUri",
        ].join(""),
        condition: "attribute_exists(pk) AND size(#rounds) = :earlier",
        values: {
          round: [planText(plan)],
          settled,
          running: "RUNNING",
          earlier: plan.round - 1,
          ...(retriesAtRedrive !== undefined && { redrive: retriesAtRedrive }),
        },
      });
    }),
  };
}
