import { type Context, Effect, type Layer, Option } from "effect";
import type { JobRecord } from "#grid/job.ts";
import type { LedgerShape } from "#grid/ledger.ts";
import type { ObjectsShape } from "#grid/objects.ts";
import type { ResultStoreShape } from "#grid/result-store.ts";
import { CliError } from "./errors.ts";

/** The grid's services as commands use them, each loaded only where it is needed: the SDK's clients are what a start costs. */

export const openLedger = async (): Promise<LedgerShape> => {
  const { Ledger } = await import("#grid/ledger.ts");
  return open(Ledger, Ledger.layer);
};

export const openObjects = async (): Promise<ObjectsShape> => {
  const { Objects } = await import("#grid/objects.ts");
  return open(Objects, Objects.layer);
};

export const openResults = async (): Promise<ResultStoreShape> => {
  const { ResultStore } = await import("#grid/result-store.ts");
  return open(ResultStore, ResultStore.layer);
};

const open = <Id, Shape>(service: Context.Service<Id, Shape>, layer: Layer.Layer<Id, unknown>): Promise<Shape> =>
  Effect.runPromise(Effect.provide(service, layer));

export const findJob = async (ledger: LedgerShape, jobId: string): Promise<JobRecord | undefined> =>
  Option.getOrUndefined(await Effect.runPromise(ledger.getJob(jobId)));

export async function getJob(ledger: LedgerShape, jobId: string): Promise<JobRecord> {
  const job = await findJob(ledger, jobId);
  if (job !== undefined) return job;
  throw new CliError(
    `there is no job "${jobId}" in this grid's ledger: \`burstgrid list\` shows those there are, the newest a moment after its submission`,
  );
}
