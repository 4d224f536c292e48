import type { TaskError } from "#grid/completion.ts";
import type { Outcomes } from "./thread-messages.ts";

/**
 * Outcomes that a task thread has not reported yet, in memory that it shares with the worker: there they outlive a thread that blocks
 * and is ended, or that ends itself. Two numbers, then lines: the row of a task that succeeded, or a Failure.
 */
export const JOURNAL_BYTES = 512 * 1024;

/** Ordinal of the task that the first line is about. */
const FIRST = 0;
/** Bytes of lines. Written after them, so that what it covers is whole. */
const LENGTH = 1;
const LINES_AT = 2 * Int32Array.BYTES_PER_ELEMENT;

interface Failure {
  readonly ordinal: number;
  readonly error: TaskError;
}

/** A row begins otherwise (grid/result-row.ts). */
const FAILURE_START = '{"ordinal":';

export class JournalWriter {
  readonly #numbers: Int32Array;
  readonly #lines: Buffer;
  #length = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#numbers = new Int32Array(memory, 0, 2);
    this.#lines = Buffer.from(memory, LINES_AT);
  }

  /** Empties it: all before `ordinal` is reported. */
  begin(ordinal: number): void {
    this.#length = 0;
    Atomics.store(this.#numbers, LENGTH, 0);
    Atomics.store(this.#numbers, FIRST, ordinal);
  }

  /** False when a row has no room: then it has to be reported now. */
  succeeded(row: string): boolean {
    // A character takes at most three bytes of UTF-8.
    if (this.#length + row.length * 3 > this.#lines.length) return false;
    this.#length += this.#lines.write(row, this.#length);
    Atomics.store(this.#numbers, LENGTH, this.#length);
    return true;
  }

  failed(ordinal: number, error: TaskError): boolean {
    return this.succeeded(`${JSON.stringify({ ordinal, error } satisfies Failure)}\n`);
  }
}

/** What a thread that is gone left in its journal for the tasks from ordinal `next` on. */
export function journalOutcomes(memory: SharedArrayBuffer, next: number): Outcomes {
  const numbers = new Int32Array(memory, 0, 2);
  const none = { count: 0, failed: [], rows: "", milliseconds: 0 };
  if (Atomics.load(numbers, FIRST) !== next) return none;
  const text = Buffer.from(memory, LINES_AT, Atomics.load(numbers, LENGTH)).toString();
  const lines = text.split("\n").slice(0, -1);
  const isFailure = (line: string) => line.startsWith(FAILURE_START);
  return {
    ...none,
    count: lines.length,
    failed: lines.filter(isFailure).map((line) => JSON.parse(line) as Failure),
    rows: lines
      .filter((line) => !isFailure(line))
      .map((line) => `${line}\n`)
      .join(""),
  };
}
