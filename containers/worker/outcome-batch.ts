import type { TaskError } from "#grid/completion.ts";
import type { JournalWriter } from "./journal.ts";
import type { Outcomes } from "./thread-messages.ts";
import { monotonicMs } from "./thread-state.ts";

/** Outcomes wait no longer than this for those after them, in milliseconds. */
const FLUSH_MS = 5;
/** Nor do they grow larger than this, in characters of rows: a completion message has to hold them. */
const FLUSH_LENGTH = 200 * 1024;

/** Outcomes of a run that the thread has not reported yet. */
export class OutcomeBatch {
  readonly #journal: JournalWriter;
  readonly #report: (outcomes: Outcomes) => void;
  #reported = 0;
  #count = 0;
  #rows = "";
  #failed: { ordinal: number; error: TaskError }[] = [];
  #since = monotonicMs();
  #timer: NodeJS.Timeout | undefined;

  constructor(journal: JournalWriter, report: (outcomes: Outcomes) => void) {
    this.#journal = journal;
    this.#report = report;
    journal.begin(0);
  }

  succeeded(row: string): void {
    this.#rows += row;
    this.#add(this.#journal.succeeded(row));
  }

  failed(ordinal: number, error: TaskError): void {
    this.#failed.push({ ordinal, error });
    this.#add(this.#journal.failed(ordinal, error));
  }

  /** Before each task: reports what is old or large. */
  flushIfDue(now: number): void {
    if (((now - this.#since) | 0) >= FLUSH_MS || this.#rows.length > FLUSH_LENGTH) this.flush(now);
  }

  flush(now: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const milliseconds = (now - this.#since) | 0;
    this.#since = now;
    if (this.#count === 0) return;
    this.#report({ count: this.#count, failed: this.#failed, rows: this.#rows, milliseconds });
    this.#reported += this.#count;
    this.#count = 0;
    this.#rows = "";
    this.#failed = [];
    this.#journal.begin(this.#reported);
  }

  #add(journaled: boolean): void {
    this.#count++;
    if (!journaled) this.flush(monotonicMs());
    // For a task that awaits long: those before it are reported meanwhile.
    else this.#timer ??= setTimeout(() => this.flush(monotonicMs()), FLUSH_MS);
  }
}
