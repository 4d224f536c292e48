import type { TaskError } from "#grid/completion.ts";
import type { ApplicationDefinition } from "#grid/definition.ts";
import { type Pack, packIndexes } from "#grid/message.ts";
import type { IndexedTask } from "#grid/packing.ts";
import { toRanges } from "#grid/ranges.ts";
import { errorRow } from "#grid/result-row.ts";
import type { Logger } from "../log.ts";
import type { TaskOutcomes } from "./sections.ts";
import type { TaskThread } from "./task-thread-handle.ts";
import type { Outcomes } from "./thread-messages.ts";

export interface PackRunOptions {
  readonly pack: Pack;
  readonly application: ApplicationDefinition;
  /** The slot's thread: a new one when the last has ended. */
  readonly thread: () => TaskThread;
  readonly report: (outcomes: TaskOutcomes) => void;
  readonly log: Logger;
}

/** What a pack leaves to do when its run is over. */
export interface PackRest {
  /** Tasks that failed and have attempts left. */
  readonly retries: readonly IndexedTask[];
  /** Tasks without an outcome, besides those that `stop` answered. */
  readonly unfinished: readonly IndexedTask[];
  /** Why no task could begin: the pack is to be left as it is. */
  readonly broken?: TaskError;
}

/** A pack in a slot. A task that ends its thread fails alone: the rest goes on in another. */
export class PackRun {
  readonly #options: PackRunOptions;
  readonly #startedAt = performance.now();
  readonly #retries: IndexedTask[] = [];
  /** Of the thread's run at hand. */
  #tasks: readonly IndexedTask[];
  /** Tasks of it whose outcomes are known. */
  #next = 0;
  /** Of it; later ones were taken away by `stop`. */
  #limit: number;
  #outcomes = 0;
  #stopped = false;
  #thread: TaskThread | undefined;

  constructor(options: PackRunOptions) {
    this.#options = options;
    const { header, tasks } = options.pack;
    this.#tasks = packIndexes(header).map((index, n) => ({ index, line: tasks[n]! }));
    this.#limit = this.#tasks.length;
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  /** Tasks that came to an end so far, those that failed and are tried again included. */
  get attempts(): number {
    return this.#outcomes;
  }

  /** Mean time of a task so far, the one at hand included. */
  get taskSeconds(): number {
    return this.seconds / (this.#outcomes + 1);
  }

  async run(): Promise<PackRest> {
    while (this.#limit > 0 && !this.#stopped) {
      const thread = this.#options.thread();
      this.#thread = thread;
      const end = await this.#runTasks(thread);
      if (end.kind === "broken") return { retries: [], unfinished: [], broken: end.cause };
      if (end.kind === "given up") this.#stopped = true;
      const left = this.#tasks.slice(end.next, this.#limit);
      if (end.kind === "died") {
        const ended = this.#tasks[end.ordinal]!;
        this.#logDeath(ended, end.error);
        this.#failed([{ task: ended, error: end.error }], { ok: [], rows: "", milliseconds: end.milliseconds });
        this.#tasks = left.filter((task) => task !== ended);
      } else {
        this.#tasks = left;
      }
      this.#limit = this.#tasks.length;
    }
    return { retries: this.#retries, unfinished: this.#tasks };
  }

  /** Lets no other task begin. Answers those that will not, which are the caller's from now on. */
  stop(): readonly IndexedTask[] {
    if (this.#thread === undefined) return [];
    this.#stopped = true;
    const begun = Math.min(this.#thread.stopAfterCurrent(), this.#limit);
    const taken = this.#tasks.slice(begun, this.#limit);
    this.#limit = begun;
    return taken;
  }

  /** Ends the task at hand, without an outcome, and the run. */
  giveUp(): void {
    this.#stopped = true;
    this.#thread?.giveUp();
  }

  drain(): void {
    this.#thread?.drain();
  }

  #logDeath({ index }: IndexedTask, error: TaskError): void {
    const { application, log, pack } = this.#options;
    const { job, attempt } = pack.header;
    log.warn("a task's thread is gone", { job, application: application.name, task: index, attempt, error });
  }

  #runTasks(thread: TaskThread) {
    const { application, pack } = this.#options;
    const { job, attempt, deadline } = pack.header;
    this.#next = 0;
    const run = {
      job,
      application: application.name,
      attempt,
      deadline,
      indexes: toRanges(this.#tasks.map(({ index }) => index)),
      text: this.#tasks.map(({ line }) => line).join("\n"),
    };
    return thread.run(run, {
      timeoutSeconds: application.timeoutSeconds,
      onOutcomes: (outcomes) => this.#report(outcomes),
    });
  }

  #report({ count, failed, rows, milliseconds }: Outcomes): void {
    const ok: number[] = [];
    const failures: { task: IndexedTask; error: TaskError }[] = [];
    let nextFailed = 0;
    for (const end = this.#next + count; this.#next < end; this.#next++) {
      const task = this.#tasks[this.#next]!;
      const failure = failed[nextFailed];
      if (failure?.ordinal !== this.#next) ok.push(task.index);
      else {
        failures.push({ task, error: failure.error });
        nextFailed++;
      }
    }
    this.#failed(failures, { ok, rows, milliseconds });
  }

  /** Reports outcomes; those failures that are final among them. */
  #failed(
    failures: readonly { readonly task: IndexedTask; readonly error: TaskError }[],
    others: Pick<TaskOutcomes, "ok" | "rows" | "milliseconds">,
  ): void {
    const { pack, application, report } = this.#options;
    const { attempt } = pack.header;
    this.#outcomes += failures.length + others.ok.length;
    if (attempt < application.attempts) this.#retries.push(...failures.map(({ task }) => task));
    const final = attempt < application.attempts ? [] : failures;
    if (final.length + others.ok.length === 0) return;
    report({
      ...others,
      header: pack.header,
      failed: final.map(({ task }) => task.index),
      rows: others.rows + final.map(({ task, error }) => errorRow(task.index, error, attempt)).join(""),
    });
  }
}
