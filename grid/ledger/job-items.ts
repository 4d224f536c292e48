import { Effect, Schema } from "effect";
import { Plan } from "../chunk.ts";
import { BrokenRecord } from "../errors.ts";
import { JobRecord } from "../job.ts";
import { fromItem, type Item } from "./attributes.ts";

export const jobKey = (jobId: string) => `job#${jobId}`;

const PlanText = Schema.fromJsonString(Plan);

/** A plan as JSON text: so the state machine reads it with `$parse`. */
export const planText = Schema.encodeSync(PlanText);

/** The fields of a job's item. */
export const jobFields = ({ plan, rounds, ...job }: JobRecord): Record<string, unknown> => ({
  ...job,
  ...(plan !== undefined && { plan: planText(plan) }),
  rounds: rounds.map((round) => planText(round)),
});

const decodeRecord = Schema.decodeUnknownEffect(JobRecord);
const decodePlan = Schema.decodeUnknownSync(PlanText);

/** Fails with BrokenRecord for an item that is no job. */
export const jobOf = (item: Item): Effect.Effect<JobRecord, BrokenRecord> =>
  Effect.suspend(() => {
    const { plan, rounds, ...fields } = fromItem(item);
    return decodeRecord({
      ...fields,
      ...(plan !== undefined && { plan: decodePlan(plan) }),
      rounds: Array.isArray(rounds) ? rounds.map((round) => decodePlan(round)) : [],
    });
  }).pipe(
    Effect.catchDefect((cause) => new BrokenRecord({ message: String(cause) })),
    Effect.mapError(
      ({ message }) =>
        new BrokenRecord({ message: `the ledger's item ${item["pk"]?.S ?? ""} is not a job: ${message}` }),
    ),
  );
