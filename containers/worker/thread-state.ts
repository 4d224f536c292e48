/** Ordinal, in its run, of the task that was last begun; -1 before the first. */
const ORDINAL = 0;
/** When that task began; 0 while its time does not count. */
const STARTED_AT = 1;
/** 1: no other task of the run may begin. */
const STOP = 2;
/** Leader of the process group of the command at hand; 0 without one. */
const COMMAND_PID = 3;
/** 1: the application of the task at hand is being loaded. */
const LOADING = 4;
const LENGTH = 5;

/**
 * What a task thread is at, in memory that it shares with the worker: both see it even while a handler blocks the thread. The thread
 * writes all but the stop.
 */
export class ThreadState {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;

  constructor(memory = new SharedArrayBuffer(LENGTH * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory);
  }

  /** Before a run. */
  reset(): void {
    Atomics.store(this.#numbers, ORDINAL, -1);
    Atomics.store(this.#numbers, STOP, 0);
    Atomics.store(this.#numbers, LOADING, 0);
  }

  /** False when the task must not begin. */
  begin(ordinal: number, now: number): boolean {
    // In this order: who sets STOP and then reads ORDINAL knows that no later task will begin.
    Atomics.store(this.#numbers, STARTED_AT, now);
    Atomics.store(this.#numbers, ORDINAL, ordinal);
    return Atomics.load(this.#numbers, STOP) === 0;
  }

  /** The application of the task at hand is being loaded; its own time counts from `loaded` on. */
  load(): void {
    Atomics.store(this.#numbers, LOADING, 1);
  }

  loaded(): void {
    Atomics.store(this.#numbers, STARTED_AT, monotonicMs());
    Atomics.store(this.#numbers, LOADING, 0);
  }

  get loading(): boolean {
    return Atomics.load(this.#numbers, LOADING) === 1;
  }

  /** From now on the task at hand waits for the grid: its time does not count. */
  stopClock(): void {
    Atomics.store(this.#numbers, STARTED_AT, 0);
  }

  get ordinal(): number {
    return Atomics.load(this.#numbers, ORDINAL);
  }

  /** Milliseconds that the task of an ordinal has taken; none when it is not the one at hand, or its time does not count. */
  elapsed(ordinal: number): number | undefined {
    const startedAt = Atomics.load(this.#numbers, STARTED_AT);
    if (ordinal < 0 || startedAt === 0 || this.ordinal !== ordinal) return undefined;
    return (monotonicMs() - startedAt) | 0;
  }

  /** Lets no other task begin. Returns the ordinal from which on none did. */
  stop(): number {
    Atomics.store(this.#numbers, STOP, 1);
    return this.ordinal + 1;
  }

  setCommand(pid: number | undefined): void {
    Atomics.store(this.#numbers, COMMAND_PID, pid ?? 0);
  }

  /** The command at hand, which is the caller's to kill from now on. */
  takeCommand(): number | undefined {
    return Atomics.exchange(this.#numbers, COMMAND_PID, 0) || undefined;
  }
}

/** A clock that all threads of a process share, in milliseconds; it wraps, so subtract with `|0`. Never 0. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return (seconds * 1000 + Math.floor(nanoseconds / 1e6)) | 0 || 1;
}
