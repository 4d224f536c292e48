import { Effect, Option } from "effect";
import type { LedgerShape } from "../ledger.ts";
import { found } from "./found.ts";
import { jobKey, jobOf } from "./job-items.ts";
import { getJobFrom } from "./jobs.ts";
import type { Table } from "./table.ts";

type JobEnds = Pick<LedgerShape, "recordEnd" | "markPublished">;

/** How a job ended, once for each redrive of its execution. */
export function makeJobEnds(table: Table): JobEnds {
  const getJob = getJobFrom(table);

  return {
    recordEnd: Effect.fn("Ledger.recordEnd")(function* (jobId, { state, redrive, finishedAt, resultUri, error }) {
      const optional = { resultUri, error };
      const present = Object.entries(optional).filter(([, value]) => value !== undefined);
      const absent = Object.entries(optional).filter(([, value]) => value === undefined);
      const settings = ["#state = :state", "#finishedAt = :finishedAt", "#concluded = :concluded"];
      const ended = yield* table.update(jobKey(jobId), {
        update: [
          `SET ${[...settings, ...present.map(([name]) => `#${name} = :${name}`)].join(", ")}`,
          ...(absent.length === 0 ? [] : [`REMOVE ${absent.map(([name]) => `#${name}`).join(", ")}`]),
        ].join(" "),
        condition: "attribute_exists(pk) AND (attribute_not_exists(#concluded) OR #concluded.#redrive < :redrive)",
        values: {
          state,
          finishedAt,
          concluded: { redrive, published: false },
          redrive,
          ...Object.fromEntries(present),
        },
      });
      if (Option.isSome(ended)) return { job: yield* jobOf(ended.value), first: true, unpublished: true };
      const job = yield* getJob(jobId).pipe(found(`job ${jobId}`));
      const unpublished = job.concluded?.redrive === redrive && !job.concluded.published;
      return { job, first: false, unpublished };
    }),

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
