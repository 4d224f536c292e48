import type { TaskError } from "#grid/completion.ts";
import { monotonicMs, type Outcomes } from "./thread-messages.ts";

/** Outcomes wait no longer than this for those after them, in milliseconds, while tasks are short. */
const FLUSH_MS = 5;
/** Nor do they grow larger than this, in characters of rows: a completion message has to hold them. */
const FLUSH_LENGTH = 200 * 1024;

/** Outcomes that the thread has not reported yet. */
export class OutcomeBatch {
  readonly #report: (outcomes: Outcomes) => void;
  #count = 0;
  #rows = "";
  #failed: { ordinal: number; error: TaskError }[] = [];
  #since = monotonicMs();

  constructor(report: (outcomes: Outcomes) => void) {
    this.#report = report;
  }

  succeeded(row: string): void {
    this.#count++;
    this.#rows += row;
  }

  failed(ordinal: number, error: TaskError): void {
    this.#count++;
    this.#failed.push({ ordinal, error });
  }

  /** Before each task: reports what is old or large. */
  flushIfDue(now: number): void {
    if (((now - this.#since) | 0) >= FLUSH_MS || this.#rows.length > FLUSH_LENGTH) this.flush(now);
  }

  flush(now: number): void {
    const milliseconds = (now - this.#since) | 0;
    this.#since = now;
    if (this.#count === 0) return;
    this.#report({ count: this.#count, failed: this.#failed, rows: this.#rows, milliseconds });
    this.#count = 0;
    this.#rows = "";
    this.#failed = [];
  }
}
