import { Journal, readJournal } from "./journal.ts";
import { advance, type HistoryLine, type Progress } from "./progress.ts";
import type { ExecutionRecord, ExecutionSummary } from "./types.ts";

/** A line of a Map Run's journal: a child's record, whenever its status changes, or a line of a child's history. */
type ChildLine = { readonly record: ExecutionRecord } | ({ readonly child: string } & HistoryLine);

/** A child that did not succeed: its latest record and how far it came. */
export interface UnsuccessfulChild {
  readonly record: ExecutionRecord;
  progress: Progress | undefined;
  lastEventId: number;
}

const HISTORY_LINES = { startingWith: '{"child"' };

/**
 * The child executions of one Map Run. Memory holds a summary of each; inputs, outputs and histories are in one journal.
 */
export class ChildRecords {
  readonly #journal: Journal;
  readonly #summaries: Map<string, ExecutionSummary>;

  private constructor(journal: Journal, summaries: Map<string, ExecutionSummary>) {
    this.#journal = journal;
    this.#summaries = summaries;
  }

  /** Those of a Map Run that just began. */
  static create(path: string): ChildRecords {
    return new ChildRecords(new Journal(path), new Map());
  }

  /**
   * Those of a Map Run of an earlier process.
   * @param stopDate when the Map Run ended: a child that was running then was aborted with it.
   */
  static async load(path: string, stopDate: number | undefined): Promise<ChildRecords> {
    const children = ChildRecords.create(path);
    for await (const record of children.#records()) children.#summaries.set(record.name, summaryOf(record));
    if (stopDate === undefined) return children;
    for (const summary of children.#summaries.values()) {
      if (summary.status === "RUNNING") children.mark(summary.name, { status: "ABORTED", stopDate });
    }
    return children;
  }

  get summaries(): ReadonlyMap<string, ExecutionSummary> {
    return this.#summaries;
  }

  save(record: ExecutionRecord): void {
    this.#summaries.set(record.name, summaryOf(record));
    this.#journal.append({ record } satisfies ChildLine);
  }

  /** Changes what is listed of a child until its next record. */
  mark(name: string, change: Partial<ExecutionSummary>): void {
    const summary = this.#summaries.get(name);
    if (summary !== undefined) this.#summaries.set(name, { ...summary, ...change });
  }

  append(child: string, line: HistoryLine): void {
    this.#journal.append({ child, ...line } satisfies ChildLine);
  }

  /** The latest record of one child. */
  async find(name: string): Promise<ExecutionRecord | undefined> {
    let found: ExecutionRecord | undefined;
    for await (const record of this.#records()) if (record.name === name) found = record;
    return found === undefined ? undefined : { ...found, ...this.#summaries.get(name) };
  }

  /** The latest record of each child that is closed, in the order they closed. */
  async *closed(): AsyncGenerator<ExecutionRecord> {
    for await (const record of this.#records()) {
      const latest = this.#summaries.get(record.name);
      const isLatest = latest?.status === record.status && latest.redriveCount === record.redriveCount;
      if (isLatest && record.stopDate !== undefined) yield record;
    }
  }

  /** The children that did not succeed, by index, with all a redrive must know. */
  async unsuccessful(): Promise<UnsuccessfulChild[]> {
    const found = new Map<string, UnsuccessfulChild>();
    for await (const record of this.#records()) {
      if (this.#summaries.get(record.name)?.status === "SUCCEEDED") continue;
      found.set(record.name, { record, progress: undefined, lastEventId: 0 });
    }
    for await (const line of readJournal<{ child: string } & HistoryLine>(this.#journal.path, HISTORY_LINES)) {
      const child = found.get(line.child);
      if (child === undefined) continue;
      child.progress = advance(child.progress, line);
      child.lastEventId = line.event.id;
    }
    return [...found.values()].sort((one, other) => (one.record.index ?? 0) - (other.record.index ?? 0));
  }

  /** The history of one child. */
  async *history(name: string): AsyncGenerator<HistoryLine> {
    this.#journal.flush();
    yield* readJournal<HistoryLine>(this.#journal.path, { startingWith: `{"child":${JSON.stringify(name)},` });
  }

  close(): void {
    this.#journal.close();
  }

  async *#records(): AsyncGenerator<ExecutionRecord> {
    this.#journal.flush();
    const lines = readJournal<{ record: ExecutionRecord }>(this.#journal.path, { startingWith: '{"record"' });
    for await (const { record } of lines) yield record;
  }
}

const summaryOf = ({ input, output, error, cause, ...summary }: ExecutionRecord): ExecutionSummary => summary;
