import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Context, Effect, Layer, type Option } from "effect";
import { type AwsError, CLIENT_TUNING } from "./aws.ts";
import type { Chunk, Plan } from "./chunk.ts";
import type { BrokenRecord } from "./errors.ts";
import type { JobError, JobRecord, JobState } from "./job.ts";
import { makeApplications } from "./ledger/applications.ts";
import type { ChunkRecord } from "./ledger/chunk-record.ts";
import { makeChunks } from "./ledger/chunks.ts";
import { makeJobEnds } from "./ledger/job-ends.ts";
import { makeJobs } from "./ledger/jobs.ts";
import { makePlans } from "./ledger/plans.ts";
import { makeTable } from "./ledger/table.ts";
import type { CompletionLane } from "./names.ts";
import type { OutcomeCounts, Outcomes } from "./outcomes.ts";
import type { SegmentRef } from "./segment-ref.ts";
import { settings } from "./settings.ts";

type LedgerError = AwsError | BrokenRecord;

interface Merged {
  readonly key: string;
  readonly bytes: number;
}

/** The record of jobs, chunks and applications: one DynamoDB table. Every change of state is a single conditional write. */
export interface LedgerShape {
  /** Records a job once. A record with the same executionArn counts as recorded: Accept was tried again. */
  recordJob(
    job: JobRecord,
  ): Effect.Effect<
    { readonly recorded: true } | { readonly recorded: false; readonly existing: JobRecord },
    LedgerError
  >;
  getJob(jobId: string): Effect.Effect<Option.Option<JobRecord>, LedgerError>;
  /** The newest jobs first, by the time their events were published. */
  listJobs(limit: number): Effect.Effect<readonly JobRecord[], LedgerError>;
  setState(jobId: string, state: JobState): Effect.Effect<void, LedgerError>;

  /** Sets the plan of round 0 and the state RUNNING, unless a plan is there; returns the plan that is there then. */
  claimPlan(jobId: string, plan: Plan): Effect.Effect<Plan, LedgerError>;
  /** Sets where the merged result lies, unless that is set; returns what is set then. */
  claimMerge(jobId: string, merged: Merged): Effect.Effect<Merged, LedgerError>;
  /** Adds the plan of a further round, unless it is there. Sets the state RUNNING again and clears what an earlier end left. */
  claimRound(
    jobId: string,
    plan: Plan,
    settled: NonNullable<JobRecord["settled"]>,
    retriesAtRedrive?: number,
  ): Effect.Effect<void, LedgerError>;

  /** Adds to the live counts and task times; returns the job as it is then. */
  addProgress(jobId: string, progress: Progress): Effect.Effect<JobRecord, LedgerError>;
  /** True for one caller only when the last one was at `notSince` or before: it may publish `Grid Job Progressed`. */
  claimProgressEvent(jobId: string, now: Date, notSince: Date): Effect.Effect<boolean, LedgerError>;
  setCounts(jobId: string, counts: OutcomeCounts): Effect.Effect<void, LedgerError>;
  setFailedAtRedrive(jobId: string, redrive: number): Effect.Effect<void, LedgerError>;
  /** Records a job's end once for each redrive; returns the job, and whether its event still has to be published. */
  recordEnd(
    jobId: string,
    end: JobEnd,
  ): Effect.Effect<{ readonly job: JobRecord; readonly first: boolean; readonly unpublished: boolean }, LedgerError>;
  /** Makes a job that had ended run again, unless it ended at this redrive already. */
  reopenJob(jobId: string, redrive: number, state: JobState): Effect.Effect<void, LedgerError>;
  markPublished(jobId: string, redrive: number): Effect.Effect<void, LedgerError>;

  /** Takes a chunk for a dispatch: makes its item if absent, else puts in the new token, unless it is closed or frozen. */
  openChunk(jobId: string, chunk: Chunk, dispatch: Dispatched): Effect.Effect<ChunkRecord, LedgerError>;
  /** Adds outcomes to an open chunk; returns the item as it was before, in whatever state, or none if there is none. */
  addOutcomes(
    jobId: string,
    chunkId: string,
    outcomes: Outcomes,
    ref: SegmentRef,
  ): Effect.Effect<Option.Option<ChunkRecord>, LedgerError>;
  /** Turns an open chunk with exactly these outcomes full; none if it has others by now or is no longer open. */
  fillChunk(jobId: string, chunkId: string, outcomes: Outcomes): Effect.Effect<Option.Option<ChunkRecord>, LedgerError>;
  /** Turns a full chunk closed, unless another token is waiting. */
  closeChunk(jobId: string, chunkId: string, token: string): Effect.Effect<void, LedgerError>;
  /** Turns an open or absent chunk frozen; returns the item as it is then, in whatever state. */
  freezeChunk(jobId: string, chunk: Chunk): Effect.Effect<ChunkRecord, LedgerError>;
  getChunk(jobId: string, chunkId: string): Effect.Effect<Option.Option<ChunkRecord>, LedgerError>;
  /** Those that are there, by id. */
  getChunks(jobId: string, chunkIds: readonly string[]): Effect.Effect<ReadonlyMap<string, ChunkRecord>, LedgerError>;

  /** Measured mean time of one of the application's tasks, in seconds. */
  taskSeconds(application: string): Effect.Effect<Option.Option<number>, LedgerError>;
  /** Takes a mean time of many tasks into the application's own: each new one counts half. */
  recordTaskTime(application: string, seconds: number): Effect.Effect<void, LedgerError>;
}

interface Dispatched {
  readonly token: string;
  readonly epoch: number;
  readonly lane: CompletionLane;
  readonly now: Date;
}

interface Progress extends OutcomeCounts {
  readonly taskMilliseconds: number;
  readonly taskCount: number;
}

export type JobEnd = JobSuccess | JobFailure;

interface AnyEnd {
  /** RedriveCount of the execution that ended. */
  readonly redrive: number;
  /** ISO 8601. */
  readonly finishedAt: string;
}

export interface JobSuccess extends AnyEnd {
  readonly state: "SUCCEEDED";
  readonly resultUri: string;
}

export interface JobFailure extends AnyEnd {
  readonly state: "FAILED" | "CANCELLED";
  readonly error: JobError;
}

export class Ledger extends Context.Service<Ledger, LedgerShape>()("grid/Ledger") {
  static readonly layer = Layer.effect(
    Ledger,
    Effect.map(settings.ledger, (table) => makeLedger(new DynamoDBClient(CLIENT_TUNING), table)),
  );
}

export function makeLedger(dynamo: DynamoDBClient, tableName: string): LedgerShape {
  const table = makeTable(dynamo, tableName);
  return {
    ...makeJobs(table),
    ...makePlans(table),
    ...makeJobEnds(table),
    ...makeChunks(table),
    ...makeApplications(table),
  };
}
