import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { Effect, Option } from "effect";
import { beforeAll } from "vitest";
import type { ResultRow } from "#grid/completion.ts";
import { DETAIL_TYPES, type JobRequest } from "#grid/events.ts";
import type { JobRecord } from "#grid/job.ts";
import { Ledger } from "#grid/ledger.ts";
import { ENV } from "#grid/names.ts";
import { ResultStore } from "#grid/result-store.ts";
import { type LocalGrid, startLocalGrid } from "#local/grid.ts";
import type { Run } from "../fixtures/grid/errand.ts";
import { type GridEvent, listenTo } from "./bus-listener.ts";
import { type Clients, clientsOf } from "./clients.ts";
import { CONFIG } from "./config.ts";
import { allow, seeRuns, sharedFolder } from "./shared-folder.ts";
import { newStateFolder } from "./state-folder.ts";

/** A local grid of the scenarios' config in this process, as a producer and a consumer of its events have it. */
export interface RunningGrid {
  readonly local: LocalGrid;
  readonly state: string;
  readonly aws: Clients;
  /** What the grid put on its bus so far. */
  readonly events: readonly GridEvent[];
  readonly warnings: readonly string[];
  /** Puts one event on the grid's bus; returns its id. */
  put(detailType: string, detail: object, source?: string): Promise<string>;
  /** Asks for a job; returns its id. */
  submit(request: Request): Promise<string>;
  /** The job as recorded when it has ended, and the event that said so; when it is asked again, the job's next end. */
  end(jobId: string): Promise<{ readonly job: JobRecord; readonly event: GridEvent }>;
  /** The events that told of a job's start and ends so far. */
  milestonesOf(jobId: string): string[];
  results(jobId: string, options?: { readonly failedOnly?: boolean }): Promise<ResultRow[]>;
  /** The job's folder on the shared file system. */
  shared(jobId: string): string;
  /** Makes a file in that folder, for errands that look for it. */
  allow(jobId: string, file: string): Promise<void>;
  /** The runs of a job's errands, as soon as there are so many. */
  seeRuns(jobId: string, count: number): Promise<[Run, ...Run[]]>;
  stop(): Promise<void>;
}

/** Detail of `Grid Job Requested`; tasks are whatever becomes JSON. */
type Request = Omit<JobRequest, "tasks"> & { readonly tasks?: readonly unknown[] };

const ENDS: readonly string[] = [DETAIL_TYPES.succeeded, DETAIL_TYPES.failed, DETAIL_TYPES.cancelled];

/** Longest wait for the end of a job: far more than any takes here. */
const PATIENCE_MS = 75_000;

async function startGrid(state: string, config: string): Promise<RunningGrid> {
  const warnings: string[] = [];
  const local = await startLocalGrid({
    config,
    state,
    port: 0,
    workers: 2,
    warn: (text) => void warnings.push(text),
  });
  const { endpoint, names } = local;
  Object.assign(process.env, { AWS_ENDPOINT_URL: endpoint, [ENV.ledger]: names.ledger, [ENV.bucket]: names.bucket });
  const aws = clientsOf(endpoint);
  const listener = await listenTo(names.bus, aws);
  const ledger = await Effect.runPromise(Effect.provide(Ledger, Ledger.layer));
  const results = await Effect.runPromise(Effect.provide(ResultStore, ResultStore.layer));
  /** Ends of each job that were given out. */
  const given = new Map<string, number>();

  const getJob = async (jobId: string): Promise<JobRecord> => {
    const job = Option.getOrUndefined(await Effect.runPromise(ledger.getJob(jobId)));
    if (job === undefined) throw new Error(`the ledger has no job ${jobId}`);
    return job;
  };
  const eventsOf = (jobId: string) => listener.events.filter(({ detail }) => detail.jobId === jobId);
  const put = async (DetailType: string, detail: object, Source = "scenario"): Promise<string> => {
    const entry = { EventBusName: names.bus, Source, DetailType, Detail: JSON.stringify(detail) };
    const { Entries } = await aws.events.send(new PutEventsCommand({ Entries: [entry] }));
    const eventId = Entries?.[0]?.EventId;
    if (eventId === undefined) throw new Error(`the event was refused: ${JSON.stringify(Entries)}`);
    return eventId;
  };

  return {
    local,
    state,
    aws,
    warnings,
    events: listener.events,
    put,
    async submit(request) {
      const eventId = await put(DETAIL_TYPES.requested, request);
      return request.jobId ?? `${request.application}-${eventId}`;
    },
    async end(jobId) {
      const before = given.get(jobId) ?? 0;
      given.set(jobId, before + 1);
      const find = () => eventsOf(jobId).filter((event) => ENDS.includes(event["detail-type"]))[before];
      const event = await listener.until(find, PATIENCE_MS);
      if (event !== undefined) return { job: await getJob(jobId), event };
      const found = JSON.stringify(await getJob(jobId).catch(String));
      const lastWarnings = warnings.slice(-3).join("\n");
      throw new Error(`job ${jobId} came to no end in ${PATIENCE_MS} ms: ${found}; warnings: ${lastWarnings}`);
    },
    milestonesOf: (jobId) =>
      eventsOf(jobId)
        .map((event) => event["detail-type"])
        .filter((type) => type !== DETAIL_TYPES.progressed),
    async results(jobId, options = {}) {
      const rows: ResultRow[] = [];
      const lines = results.rows(await getJob(jobId), { ...options, resolve: true });
      for await (const { line } of lines) rows.push(JSON.parse(line) as ResultRow);
      return rows;
    },
    shared: (jobId) => sharedFolder(state, jobId),
    allow: (jobId, file) => allow(sharedFolder(state, jobId), file),
    seeRuns: (jobId, count) => seeRuns(sharedFolder(state, jobId), count),
    async stop() {
      await listener.stop();
      await local.stop();
    },
  };
}

/** A grid for all tests of a file. */
export function gridForFile(config = CONFIG): () => RunningGrid {
  let grid: RunningGrid | undefined;
  beforeAll(async () => {
    const state = await newStateFolder();
    const running = await startGrid(state.path, config);
    grid = running;
    return async () => {
      await running.stop();
      await state[Symbol.asyncDispose]();
    };
  });
  return () => {
    if (grid === undefined)
      throw new Error("the grid is started before the tests of the file, not while they are read");
    return grid;
  };
}
