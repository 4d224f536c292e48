import { jsonLogger, type Logger } from "../log.ts";
import type { Run } from "./thread-messages.ts";

/** What a task handler is given beside its task. Signal and logger are made when they are asked for: most tasks need neither. */
export class TaskContext {
  readonly jobId: string;
  readonly application: string;
  /** Of the task in its job, from 0. */
  readonly index: number;
  /** Of this try, from 1. */
  readonly attempt: number;
  /** The job's folder on the shared file system. */
  readonly shared: string;
  readonly #deadline: number;
  readonly #write: (line: string) => void;
  #abort: AbortController | undefined;
  #aborted: Error | undefined;
  #logger: Logger | undefined;

  constructor(run: Run, shared: string, index: number, write: (line: string) => void) {
    this.jobId = run.job;
    this.application = run.application;
    this.index = index;
    this.attempt = run.attempt;
    this.shared = shared;
    this.#deadline = run.deadline;
    this.#write = write;
  }

  /** When the job's time is over. */
  get deadline(): Date {
    return new Date(this.#deadline);
  }

  /** Aborted when the task's time is over, and when its worker drains: a task that ends soon after need not run again elsewhere. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#aborted !== undefined) this.#abort.abort(this.#aborted);
    return this.#abort.signal;
  }

  /** JSON lines on the pod's stdout that name job, application, task and attempt. */
  get logger(): Logger {
    this.#logger ??= jsonLogger(this.#write, {
      job: this.jobId,
      application: this.application,
      task: this.index,
      attempt: this.attempt,
    });
    return this.#logger;
  }

  /** Not for handlers: aborts `signal`. */
  static abort(context: TaskContext, reason: Error): void {
    context.#aborted = reason;
    context.#abort?.abort(reason);
  }
}
