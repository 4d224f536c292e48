import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { lastPart } from "../arns.ts";
import { ChildRecords } from "./children.ts";
import { Journal, readJournal } from "./journal.ts";
import type { HistoryLine } from "./progress.ts";
import type { ExecutionRecord, MapRunRecord } from "./types.ts";

/**
 * The records of a folder:
 *
 *     executions.jsonl           a record whenever the status of an execution changes; the last one counts
 *     map-runs.jsonl             the same of Map Runs
 *     histories/<execution>.jsonl   the history of one execution, and what a redrive must know
 *     map-runs/<id>.jsonl        records and histories of a Map Run's children
 *     map-runs/<id>.items.jsonl  the items of the Map Run as they were when it began
 *
 * Listing reads nothing; histories and children are read when asked for.
 */
export class RecordStore {
  readonly executions = new Map<string, ExecutionRecord>();
  readonly mapRuns = new Map<string, MapRunRecord>();
  readonly #folder: string;
  readonly #executionsJournal: Journal;
  readonly #mapRunsJournal: Journal;
  readonly #histories = new Map<string, Journal>();
  readonly #children = new Map<string, Promise<ChildRecords> | ChildRecords>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.#executionsJournal = new Journal(join(folder, "executions.jsonl"));
    this.#mapRunsJournal = new Journal(join(folder, "map-runs.jsonl"));
  }

  static async open(folder: string): Promise<RecordStore> {
    for (const each of ["histories", "map-runs"]) mkdirSync(join(folder, each), { recursive: true });
    const store = new RecordStore(folder);
    for await (const record of readJournal<ExecutionRecord>(store.#executionsJournal.path)) {
      store.executions.set(record.executionArn, record);
    }
    for await (const record of readJournal<MapRunRecord>(store.#mapRunsJournal.path)) {
      store.mapRuns.set(record.mapRunArn, record);
    }
    return store;
  }

  saveExecution(record: ExecutionRecord): void {
    this.executions.set(record.executionArn, record);
    this.#executionsJournal.append(record);
  }

  saveMapRun(record: MapRunRecord): void {
    this.mapRuns.set(record.mapRunArn, record);
    this.#mapRunsJournal.append(record);
  }

  /** The newest state of a Map Run that is running: kept in memory, in the file when its status changes. */
  updateMapRun(record: MapRunRecord): void {
    this.mapRuns.set(record.mapRunArn, record);
  }

  appendHistory(executionArn: string, line: HistoryLine): void {
    let journal = this.#histories.get(executionArn);
    if (journal === undefined) {
      journal = new Journal(this.#historyPath(executionArn));
      this.#histories.set(executionArn, journal);
    }
    journal.append(line);
  }

  async *history(executionArn: string): AsyncGenerator<HistoryLine> {
    this.#histories.get(executionArn)?.flush();
    yield* readJournal<HistoryLine>(this.#historyPath(executionArn));
  }

  /** The execution is closed: its file is given back. */
  closeHistory(executionArn: string): void {
    this.#histories.get(executionArn)?.close();
    this.#histories.delete(executionArn);
  }

  createChildren(mapRunArn: string): ChildRecords {
    const children = ChildRecords.create(this.#childrenPath(mapRunArn));
    this.#children.set(mapRunArn, children);
    return children;
  }

  async children(mapRunArn: string): Promise<ChildRecords> {
    const known =
      this.#children.get(mapRunArn) ??
      ChildRecords.load(this.#childrenPath(mapRunArn), this.mapRuns.get(mapRunArn)?.stopDate);
    this.#children.set(mapRunArn, known);
    return known;
  }

  /** Where the items of a Map Run are kept. */
  itemsPath(mapRunArn: string): string {
    return join(this.#folder, "map-runs", `${lastPart(mapRunArn)}.items.jsonl`);
  }

  /** Puts the records of executions into their file now: before an answer says that one was started. */
  flush(): void {
    this.#executionsJournal.flush();
  }

  async close(): Promise<void> {
    this.#executionsJournal.close();
    this.#mapRunsJournal.close();
    for (const journal of this.#histories.values()) journal.close();
    for (const children of this.#children.values()) (await children).close();
  }

  #childrenPath(mapRunArn: string): string {
    return join(this.#folder, "map-runs", `${lastPart(mapRunArn)}.jsonl`);
  }

  /** Readable, and unique even where file names ignore case. */
  #historyPath(executionArn: string): string {
    const name = lastPart(executionArn).replaceAll(/[^\w.-]/g, "_");
    const hash = createHash("sha256").update(executionArn).digest("hex").slice(0, 12);
    return join(this.#folder, "histories", `${name}-${hash}.jsonl`);
  }
}
