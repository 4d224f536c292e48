import { randomUUID } from "node:crypto";
import { executionArn, mapRunArn, stateMachineArn } from "../arns.ts";
import type { ExecutionPlan } from "../engine/services.ts";
import type { Data } from "../json.ts";
import type { ChildRecords, UnsuccessfulChild } from "../records/children.ts";
import type { RecordStore } from "../records/store.ts";
import type { ExecutionRecord, MapRunCounts, MapRunRecord, MapRunStatus } from "../records/types.ts";
import type { Tolerance } from "./tolerance.ts";

type Count = keyof MapRunCounts;

const NO_COUNTS: MapRunCounts = {
  pending: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  timedOut: 0,
  aborted: 0,
  total: 0,
  resultsWritten: 0,
  failuresNotRedrivable: 0,
  pendingRedrive: 0,
};

/** Which count a child of some status is in. */
export const countOf = (status: ExecutionRecord["status"]): Count => {
  switch (status) {
    case "RUNNING":
      return "running";
    case "SUCCEEDED":
      return "succeeded";
    case "FAILED":
      return "failed";
    case "TIMED_OUT":
      return "timedOut";
    case "ABORTED":
      return "aborted";
    case "PENDING_REDRIVE":
      return "pendingRedrive";
  }
};

/** The record of a Map Run while its children run, with its counts and its children's records. */
export class MapRun {
  readonly children: ChildRecords;
  readonly #store: RecordStore;
  readonly #machine: string;
  readonly #label: string;
  readonly #counts: Record<Count, number>;
  #record: MapRunRecord;

  private constructor(
    store: RecordStore,
    record: MapRunRecord,
    children: ChildRecords,
    machine: string,
    label: string,
  ) {
    this.#store = store;
    this.#record = record;
    this.#counts = { ...record.counts };
    this.children = children;
    this.#machine = machine;
    this.#label = label;
  }

  static begin(
    store: RecordStore,
    of: { machine: string; label: string; executionArn: string; maxConcurrency: number; tolerance: Tolerance },
  ): MapRun {
    const arn = mapRunArn(of.machine, of.label, randomUUID());
    const record: MapRunRecord = {
      mapRunArn: arn,
      executionArn: of.executionArn,
      stateMachineArn: stateMachineArn(of.machine, of.label),
      status: "RUNNING",
      startDate: Date.now(),
      maxConcurrency: of.maxConcurrency,
      toleratedFailurePercentage: of.tolerance.percentage ?? 0,
      toleratedFailureCount: of.tolerance.count ?? 0,
      counts: NO_COUNTS,
      redriveCount: 0,
    };
    store.saveMapRun(record);
    return new MapRun(store, record, store.createChildren(arn), of.machine, of.label);
  }

  /** Opens a Map Run again for a redrive. */
  static async redrive(
    store: RecordStore,
    closed: MapRunRecord,
    of: { machine: string; label: string },
  ): Promise<MapRun> {
    const { stopDate, ...rest } = closed;
    const record: MapRunRecord = {
      ...rest,
      status: "RUNNING",
      redriveCount: closed.redriveCount + 1,
      redriveDate: Date.now(),
    };
    const children = await store.children(closed.mapRunArn);
    store.saveMapRun(record);
    return new MapRun(store, record, children, of.machine, of.label);
  }

  get arn(): string {
    return this.#record.mapRunArn;
  }

  get record(): MapRunRecord {
    return this.#record;
  }

  get itemsPath(): string {
    return this.#store.itemsPath(this.arn);
  }

  /** Children that were started, in this attempt or an earlier one; they are those of the first items. */
  get started(): number {
    return this.children.summaries.size;
  }

  /** Items that failed so far. */
  get failures(): number {
    return this.#counts.failed + this.#counts.timedOut + this.#counts.aborted;
  }

  get total(): number {
    return this.#counts.total;
  }

  /** Counts anew from the children there are. @param total items in all. */
  recount(total: number): void {
    for (const count of Object.keys(NO_COUNTS) as Count[]) this.#counts[count] = 0;
    for (const { status } of this.children.summaries.values()) this.#counts[countOf(status)] += 1;
    this.#counts.total = total;
    this.#counts.pending = total - this.started;
    this.#update();
    // The total must survive a crash.
    this.#store.saveMapRun(this.#record);
  }

  /** The plan of a new child. */
  childFor(index: number, input: Data): Pick<ExecutionPlan, "record" | "save" | "append"> {
    const name = randomUUID();
    this.#counts.pending -= 1;
    this.#counts.running += 1;
    this.#update();
    return this.#plan({
      executionArn: executionArn(this.#machine, name, this.#label),
      stateMachineArn: this.#record.stateMachineArn,
      name,
      status: "RUNNING",
      startDate: Date.now(),
      redriveCount: 0,
      mapRunArn: this.arn,
      index,
      input: input.text,
    });
  }

  /** The plan of a child that goes on where it failed. */
  redriven({
    record,
    progress,
    lastEventId,
  }: UnsuccessfulChild): Pick<ExecutionPlan, "record" | "save" | "append" | "resume"> {
    const { stopDate, output, error, cause, ...rest } = record;
    this.#counts.pendingRedrive -= 1;
    this.#counts.running += 1;
    this.#update();
    return {
      ...this.#plan({ ...rest, status: "RUNNING", redriveCount: record.redriveCount + 1, redriveDate: Date.now() }),
      resume: { progress, lastEventId },
    };
  }

  childEnded({ status }: ExecutionRecord): void {
    this.#counts.running -= 1;
    this.#counts[countOf(status)] += 1;
    this.#update();
  }

  /** Closes the record. */
  end(status: MapRunStatus): void {
    this.#counts.resultsWritten = status === "ABORTED" ? 0 : this.#counts.succeeded + this.failures;
    this.#record = { ...this.#record, status, stopDate: Date.now(), counts: { ...this.#counts } };
    this.#store.saveMapRun(this.#record);
    this.children.close();
  }

  #plan(record: ExecutionRecord): Pick<ExecutionPlan, "record" | "save" | "append"> {
    return {
      record,
      save: (changed) => this.children.save(changed),
      append: (line) => this.children.append(record.name, line),
    };
  }

  #update(): void {
    this.#record = { ...this.#record, counts: { ...this.#counts } };
    this.#store.updateMapRun(this.#record);
  }
}
