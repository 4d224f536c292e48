import { Worker } from "node:worker_threads";
import type { TaskError } from "#grid/completion.ts";
import { TASK_ERRORS } from "#grid/result-row.ts";
import { killGroup } from "../command.ts";
import type { Logger } from "../log.ts";
import { JOURNAL_BYTES, journalOutcomes } from "./journal.ts";
import { taskErrorOf } from "./task-failure.ts";
import type { Ending, FromThread, Outcomes, Run, ThreadData, ToThread } from "./thread-messages.ts";
import { ThreadState } from "./thread-state.ts";
import { loadLimit, taskLimit } from "./time-limits.ts";

export interface ThreadOptions extends Omit<ThreadData, "state" | "journal"> {
  /** Of the thread's heap, in MiB. */
  readonly heapMiB: number;
  readonly write: (line: string) => void;
  readonly log: Logger;
  /** Stores an output that is too large for a row; settles once it is stored. */
  store(job: string, index: number, json: Uint8Array): Promise<string>;
}

/** How a run ended. */
export type RunEnd =
  /** By itself, or as it was told to: tasks from ordinal `next` on have no outcome. */
  | { readonly kind: "ended" | "given up"; readonly next: number }
  /** With its thread: the task at `ordinal` ended it, the others from `next` on have no outcome. */
  | {
      readonly kind: "died";
      readonly next: number;
      readonly ordinal: number;
      readonly error: TaskError;
      /** That the task took. */
      readonly milliseconds: number;
    }
  /** No task began, by no fault of theirs. */
  | { readonly kind: "broken"; readonly cause: TaskError };

/** How long a task may take to clean up after its signal, in milliseconds, before its thread is ended. */
const CLEAN_UP_MS = 200;

interface CurrentRun {
  readonly run: Run;
  readonly timeoutSeconds: number;
  readonly onOutcomes: (outcomes: Outcomes) => void;
  readonly resolve: (end: RunEnd) => void;
  /** Tasks whose outcomes have been reported. */
  next: number;
  /** Of the task that has been told to end. */
  ending: Ending | undefined;
  timer: NodeJS.Timeout;
}

/** The worker's side of a task thread. */
export class TaskThread {
  readonly #worker: Worker;
  readonly #state = new ThreadState();
  readonly #journal = new SharedArrayBuffer(JOURNAL_BYTES);
  readonly #options: ThreadOptions;
  #current: CurrentRun | undefined;
  #runs = 0;
  #cause: TaskError | undefined;
  #alive = true;

  constructor(entry: URL, options: ThreadOptions) {
    this.#options = options;
    const { imageFolder, applications, sharedFolder, heapMiB } = options;
    const data: ThreadData = {
      imageFolder,
      applications,
      sharedFolder,
      state: this.#state.memory,
      journal: this.#journal,
    };
    this.#worker = new Worker(entry, { workerData: data, resourceLimits: { maxOldGenerationSizeMb: heapMiB } });
    this.#worker.on("message", (message: FromThread) => this.#receive(message));
    this.#worker.on("error", (error: unknown) => {
      this.#cause = taskErrorOf(error);
    });
    this.#worker.on("exit", (code) => this.#exited(code));
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Runs tasks one after another. One run at a time. */
  run(
    run: Omit<Run, "id">,
    { timeoutSeconds, onOutcomes }: Pick<CurrentRun, "timeoutSeconds" | "onOutcomes">,
  ): Promise<RunEnd> {
    return new Promise((resolve) => {
      const numbered = { ...run, id: ++this.#runs };
      this.#state.reset();
      const current: CurrentRun = {
        run: numbered,
        timeoutSeconds,
        onOutcomes,
        resolve,
        next: 0,
        ending: undefined,
        timer: setTimeout(() => this.#checkTime(current), timeoutSeconds * 1000),
      };
      this.#current = current;
      this.#post({ kind: "run", run: numbered });
    });
  }

  /** Lets no other task of the run begin. Returns the ordinal from which on none did. */
  stopAfterCurrent(): number {
    return this.#state.stop();
  }

  /** Aborts the signal of the task at hand, and of later ones. */
  drain(): void {
    this.#post({ kind: "drain" });
  }

  /** Ends the run now; the task at hand gets no outcome. */
  giveUp(): void {
    const current = this.#current;
    if (current === undefined || isGivenUp(current)) return;
    this.#endTask(current, { ordinal: this.#state.stop() - 1, error: undefined });
  }

  /** Of a thread that is gone, or about to be. */
  killCommand(): void {
    killGroup(this.#state.takeCommand());
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: FromThread): void {
    const current = this.#current;
    if (message.kind === "line") this.#options.write(message.line);
    else if (current === undefined)
      this.#options.log.warn("a task thread reports without a run", { kind: message.kind });
    else if (message.kind === "store") void this.#store(current, message.index, message.json);
    else if (message.kind === "outcomes") this.#report(current, message.outcomes);
    else if (message.kind === "broken") this.#finish(current, message);
    else this.#finish(current, { kind: isGivenUp(current) ? "given up" : "ended", next: message.next });
  }

  #report(current: CurrentRun, outcomes: Outcomes): void {
    current.next += outcomes.count;
    current.onOutcomes(outcomes);
  }

  async #store(current: CurrentRun, index: number, json: Uint8Array): Promise<void> {
    const { store, log } = this.#options;
    const { job } = current.run;
    try {
      const uri = await store(job, index, json);
      if (this.#current === current) this.#post({ kind: "stored", uri });
    } catch (error) {
      log.error("an output was not stored: its task will run again", { job, task: index, error });
      if (this.#current === current) this.giveUp();
    }
  }

  /** Looks whether the task at hand has had its time, and again when it will have. */
  #checkTime(current: CurrentRun): void {
    const { ordinal, loading } = this.#state;
    const own = taskLimit(current.timeoutSeconds);
    const limit = loading ? loadLimit(current.timeoutSeconds) : own;
    const left = limit.ms - (this.#state.elapsed(ordinal) ?? 0);
    if (left <= 0) this.#endTask(current, { ordinal, error: limit.error });
    else current.timer = setTimeout(() => this.#checkTime(current), Math.min(left, own.ms));
  }

  /** Tells the thread to end a task, then ends the thread if that has not helped. */
  #endTask(current: CurrentRun, ending: Ending): void {
    current.ending = ending;
    clearTimeout(current.timer);
    this.#state.stop();
    this.#post({ kind: "end", run: current.run.id, ...ending });
    current.timer = setTimeout(() => {
      if (isGivenUp(current) || this.#state.ordinal === ending.ordinal) return void this.#worker.terminate();
      // It ended by itself just then, and the next had begun: the run stops after that one.
      current.ending = undefined;
      this.#checkTime(current);
    }, CLEAN_UP_MS);
  }

  #exited(code: number): void {
    this.#alive = false;
    this.killCommand();
    const current = this.#current;
    if (current === undefined) {
      if (this.#cause !== undefined) this.#options.log.error("a task thread failed", { cause: this.#cause });
      return;
    }
    this.#report(current, journalOutcomes(this.#journal, current.next));
    this.#finish(current, this.#endOf(current, code));
  }

  /** Of a run whose thread is gone. */
  #endOf(current: CurrentRun, code: number): RunEnd {
    const { next, ending } = current;
    const { ordinal } = this.#state;
    if (isGivenUp(current)) return { kind: "given up", next };
    if (ordinal >= 0 && next > ordinal) return { kind: "ended", next };
    const why = this.#cause === undefined ? `exit code ${code}` : `${this.#cause.type}: ${this.#cause.message}`;
    const ended = { type: TASK_ERRORS.threadEnded, message: `the handler ended its thread: ${why}` };
    if (ordinal < 0) return { kind: "broken", cause: ended };
    const error = ending?.error ?? ended;
    return { kind: "died", next, ordinal, error, milliseconds: this.#state.elapsed(ordinal) ?? 0 };
  }

  #finish(current: CurrentRun, end: RunEnd): void {
    clearTimeout(current.timer);
    this.#current = undefined;
    current.resolve(end);
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}

const isGivenUp = ({ ending }: CurrentRun) => ending !== undefined && ending.error === undefined;
