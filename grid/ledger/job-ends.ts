import { Effect, Option } from "effect";
import type { LedgerShape } from "../ledger.ts";
import { found } from "./found.ts";
import { jobKey, jobOf } from "./job-items.ts";
import { getJobFrom } from "./jobs.ts";
import type { Table } from "./table.ts";

type JobEnds = Pick<LedgerShape, "recordEnd" | "reopenJob" | "markPublished">;

/** How a job ended, once for each redrive of its execution. */
export function makeJobEnds(table: Table): JobEnds {
  const getJob = getJobFrom(table);

  return {
    recordEnd: Effect.fn("Ledger.recordEnd")(function* (jobId, end) {
      const { state, redrive, finishedAt } = end;
      const outcome =
        end.state === "SUCCEEDED"
          ? { update: "#resultUri = :resultUri REMOVE #error", values: { resultUri: end.resultUri } }
          : { update: "#error = :error REMOVE #resultUri", values: { error: end.error } };
      const ended = yield* table.update(jobKey(jobId), {
        update: `SET #state = :state, #finishedAt = :finishedAt, #concluded = :concluded, ${outcome.update}`,
        condition: "attribute_exists(pk) AND (attribute_not_exists(#concluded) OR #concluded.#redrive < :redrive)",
        values: { state, finishedAt, concluded: { redrive, published: false }, redrive, ...outcome.values },
      });
      if (Option.isSome(ended)) return { job: yield* jobOf(ended.value), first: true, unpublished: true };
      const job = yield* getJob(jobId).pipe(found(`job ${jobId}`));
      const unpublished = job.concluded?.redrive === redrive && !job.concluded.published;
      return { job, first: false, unpublished };
    }),

    reopenJob: (jobId, redrive, state) =>
      Effect.asVoid(
        table.update(jobKey(jobId), {
          update: "SET #state = :state REMOVE #error, #finishedAt, #resultUri",
          condition: "#concluded.#redrive < :redrive",
          values: { state, redrive },
        }),
      ),

    markPublished: (jobId, redrive) =>
      Effect.asVoid(
        table.update(jobKey(jobId), {
          update: "SET #concluded.#published = :published",
          condition: "#concluded.#redrive = :redrive",
          values: { published: true, redrive },
        }),
      ),
  };
}
