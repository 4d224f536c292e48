import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { Effect, Option } from "effect";
import { beforeAll } from "vitest";
import type { ResultRow } from "#grid/completion.ts";
import type { JobRequest } from "#grid/events.ts";
import type { JobRecord } from "#grid/job.ts";
import { Ledger, type LedgerShape } from "#grid/ledger.ts";
import { ENV } from "#grid/names.ts";
import { ResultStore, type ResultStoreShape } from "#grid/result-store.ts";
import { type LocalGrid, startLocalGrid } from "#local/grid.ts";
import type { Run } from "../fixtures/grid/errand.ts";
import { BusListener, type GridEvent } from "./bus-listener.ts";
import { type Clients, clientsOf } from "./clients.ts";
import { CONFIG } from "./config.ts";
import { allow, seeRuns, sharedFolder } from "./shared-folder.ts";
import { newStateFolder } from "./state-folder.ts";

/** Detail of `Grid Job Requested`; tasks are whatever becomes JSON. */
type Request = Omit<JobRequest, "tasks"> & { readonly tasks?: readonly unknown[] };

const ENDED = ["Grid Job Succeeded", "Grid Job Failed", "Grid Job Cancelled"];

/** Longest wait for the end of a job: far more than any takes here. */
const PATIENCE_MS = 45_000;

/** A local grid of the scenarios' config in this process, as a producer and a consumer of its events have it. */
export class RunningGrid {
  readonly local: LocalGrid;
  readonly state: string;
  readonly aws: Clients;
  readonly listener: BusListener;
  readonly warnings: readonly string[];
  readonly #ledger: LedgerShape;
  readonly #results: ResultStoreShape;
  /** Ends of each job that `end` has given out. */
  readonly #given = new Map<string, number>();

  private constructor(parts: {
    local: LocalGrid;
    state: string;
    aws: Clients;
    listener: BusListener;
    warnings: readonly string[];
    ledger: LedgerShape;
    results: ResultStoreShape;
  }) {
    this.local = parts.local;
    this.state = parts.state;
    this.aws = parts.aws;
    this.listener = parts.listener;
    this.warnings = parts.warnings;
    this.#ledger = parts.ledger;
    this.#results = parts.results;
  }

  static async start(state: string): Promise<RunningGrid> {
    const warnings: string[] = [];
    const local = await startLocalGrid({
      config: CONFIG,
      state,
      port: 0,
      workers: 2,
      warn: (text) => void warnings.push(text),
    });
    const { endpoint, names } = local;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: endpoint,
      [ENV.ledger]: names.ledger,
      [ENV.bucket]: names.bucket,
    });
    const aws = clientsOf(endpoint);
    return new RunningGrid({
      local,
      state,
      aws,
      warnings,
      listener: await BusListener.on(names.bus, aws),
      ledger: await Effect.runPromise(Effect.provide(Ledger, Ledger.layer)),
      results: await Effect.runPromise(Effect.provide(ResultStore, ResultStore.layer)),
    });
  }

  async stop(): Promise<void> {
    await this.listener.stop();
    await this.local.stop();
  }

  /** Puts one event on the grid's bus; returns its id. */
  async put(detailType: string, detail: object, source = "scenario"): Promise<string> {
    const entry = { EventBusName: this.local.names.bus, Source: source, DetailType: detailType };
    const { Entries } = await this.aws.events.send(
      new PutEventsCommand({ Entries: [{ ...entry, Detail: JSON.stringify(detail) }] }),
    );
    const eventId = Entries?.[0]?.EventId;
    if (eventId === undefined) throw new Error(`the event was refused: ${JSON.stringify(Entries)}`);
    return eventId;
  }

  /** Asks for a job; returns its id. */
  async submit(request: Request): Promise<string> {
    const eventId = await this.put("Grid Job Requested", request);
    return request.jobId ?? `${request.application}-${eventId}`;
  }

  /** The job as recorded when it has ended, and the event that said so; when it is asked again, the job's next end. */
  async end(jobId: string): Promise<{ readonly job: JobRecord; readonly event: GridEvent }> {
    const given = this.#given.get(jobId) ?? 0;
    this.#given.set(jobId, given + 1);
    const find = () => this.eventsOf(jobId).filter((event) => ENDED.includes(event["detail-type"]))[given];
    const event = await this.listener
      .until(find, `end ${given + 1} of job ${jobId}`, PATIENCE_MS)
      .catch(async (cause) => {
        const recorded = JSON.stringify(await this.job(jobId).catch(String));
        const warnings = this.warnings.slice(-3).join("\n");
        throw new Error(`${(cause as Error).message}; it is ${recorded}; the grid's last warnings: ${warnings}`, {
          cause,
        });
      });
    return { job: await this.job(jobId), event };
  }

  async job(jobId: string): Promise<JobRecord> {
    const job = Option.getOrUndefined(await Effect.runPromise(this.#ledger.getJob(jobId)));
    if (job === undefined) throw new Error(`the ledger has no job ${jobId}`);
    return job;
  }

  eventsOf(jobId: string): GridEvent[] {
    return this.listener.events.filter(({ detail }) => detail.jobId === jobId);
  }

  async results(jobId: string, options: { readonly failedOnly?: boolean } = {}): Promise<ResultRow[]> {
    const rows: ResultRow[] = [];
    const lines = this.#results.rows(await this.job(jobId), { ...options, resolve: true });
    for await (const { line } of lines) rows.push(JSON.parse(line) as ResultRow);
    return rows;
  }

  /** Makes a file in the job's shared folder, for errands that look for it. */
  allow(jobId: string, file: string): Promise<void> {
    return allow(this.shared(jobId), file);
  }

  /** The runs of a job's errands, as soon as there are so many. */
  seeRuns(jobId: string, count: number): Promise<[Run, ...Run[]]> {
    return seeRuns(this.shared(jobId), count);
  }

  /** The job's folder on the shared file system. */
  shared(jobId: string): string {
    return sharedFolder(this.state, jobId);
  }
}

/** A grid for all tests of a file. */
export function gridForFile(): () => RunningGrid {
  let grid: RunningGrid | undefined;
  beforeAll(async () => {
    const state = await newStateFolder();
    const running = await RunningGrid.start(state.path);
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
