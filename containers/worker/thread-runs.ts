import { format } from "node:util";
import type { MessagePort } from "node:worker_threads";
import { inRanges } from "#grid/ranges.ts";
import { outputRow, storedOutputRow } from "#grid/result-row.ts";
import type { Command } from "../command.ts";
import { jsonLogger } from "../log.ts";
import { sharedFolderOf } from "../shared-folder.ts";
import { commandProgram } from "./command-program.ts";
import { JournalWriter } from "./journal.ts";
import { moduleProgram } from "./module-program.ts";
import { OutcomeBatch } from "./outcome-batch.ts";
import { INLINE_OUTPUT_BYTES, OUTPUT_BYTES, tooLarge } from "./output.ts";
import { TaskContext } from "./task-context.ts";
import { taskErrorOf } from "./task-failure.ts";
import type { TaskProgram } from "./task-program.ts";
import { ThreadEnvironment } from "./thread-environment.ts";
import type { Ending, FromThread, Run, ThreadData, ToThread } from "./thread-messages.ts";
import { monotonicMs, ThreadState } from "./thread-state.ts";

/** A task thread: runs what it is sent, one run at a time, one task at a time. */
export class ThreadRuns {
  readonly #port: MessagePort;
  readonly #data: ThreadData;
  readonly #state: ThreadState;
  readonly #journal: JournalWriter;
  readonly #environment = new ThreadEnvironment();
  readonly #programs = new Map<string, TaskProgram>();
  #run: Run | undefined;
  #shared = "";
  #context: TaskContext | undefined;
  #command: Command | undefined;
  /** Of the task at hand. */
  #ending: Ending | undefined;
  #draining = false;
  #stored: ((uri: string) => void) | undefined;

  constructor(port: MessagePort, data: ThreadData) {
    this.#port = port;
    this.#data = data;
    this.#state = new ThreadState(data.state);
    this.#journal = new JournalWriter(data.journal);
  }

  start(): void {
    this.#takeConsole();
    this.#port.on("message", (message: ToThread) => {
      switch (message.kind) {
        case "run":
          return void this.#work(message.run);
        case "stored":
          return this.#stored?.(message.uri);
        case "drain":
          return this.#drain();
        case "end":
          return this.#end(message);
      }
    });
  }

  async #work(run: Run): Promise<void> {
    this.#run = run;
    this.#environment.enter(this.#data.applications[run.application]!.env);
    try {
      this.#shared = sharedFolderOf(this.#data.sharedFolder, run.job);
    } catch (error) {
      return this.#post({ kind: "broken", cause: taskErrorOf(error) });
    }
    const lines = run.text.split("\n");
    const batch = new OutcomeBatch(this.#journal, (outcomes) => this.#post({ kind: "outcomes", outcomes }));
    let ordinal = 0;
    for (const index of inRanges(run.indexes)) {
      const now = monotonicMs();
      batch.flushIfDue(now);
      if (!this.#state.begin(ordinal, now)) break;
      await this.#task(run, ordinal, index, lines[ordinal]!, batch);
      if (this.#isGivenUp) break;
      ordinal++;
    }
    batch.flush(monotonicMs());
    this.#run = undefined;
    this.#post({ kind: "ended", next: ordinal });
  }

  get #isGivenUp(): boolean {
    return this.#ending !== undefined && this.#ending.error === undefined;
  }

  /** Runs a task to its outcome; one that is given up has none. */
  async #task(run: Run, ordinal: number, index: number, line: string, batch: OutcomeBatch): Promise<void> {
    const context = new TaskContext(run, this.#shared, index, this.#write);
    this.#begin(context);
    try {
      const program = this.#programs.get(run.application) ?? (await this.#load(run.application));
      const row = await this.#row(index, await program({ line, context, onStarted: this.#onStarted }));
      if (this.#ending === undefined) return batch.succeeded(row);
    } catch (thrown) {
      if (this.#ending === undefined) {
        if (this.#draining) {
          // Its signal was aborted: that it gave up is no failure of its own, and another worker may run it.
          context.logger.info("the task gave up, as the worker drains", { error: thrown });
          this.#ending = { ordinal, error: undefined };
          return;
        }
        context.logger.warn("the task failed", { error: thrown });
        return batch.failed(ordinal, taskErrorOf(thrown));
      }
    } finally {
      this.#context = undefined;
      this.#command = undefined;
      this.#state.setCommand(undefined);
    }
    if (this.#ending.error === undefined) return;
    context.logger.warn("the task was ended", { error: this.#ending.error });
    batch.failed(ordinal, this.#ending.error);
  }

  #begin(context: TaskContext): void {
    this.#context = context;
    this.#ending = undefined;
    if (this.#draining) TaskContext.abort(context, new Error(DRAINING));
  }

  /** Once a thread. */
  async #load(name: string): Promise<TaskProgram> {
    const application = this.#data.applications[name]!;
    const { task } = application;
    this.#state.load();
    try {
      const program =
        task.kind === "module"
          ? await moduleProgram(this.#data.imageFolder, task.module, application)
          : await commandProgram(task.command, application);
      this.#programs.set(name, program);
      return program;
    } finally {
      this.#state.loaded();
    }
  }

  async #row(index: number, json: string): Promise<string> {
    // A character takes at most three bytes of UTF-8: most outputs need not be measured.
    if (json.length * 3 <= INLINE_OUTPUT_BYTES) return outputRow(index, json);
    const bytes = Buffer.byteLength(json);
    if (bytes <= INLINE_OUTPUT_BYTES) return outputRow(index, json);
    if (bytes > OUTPUT_BYTES) throw tooLarge(`${bytes} bytes`);
    this.#state.stopClock();
    return storedOutputRow(index, await this.#store(index, json), bytes);
  }

  #store(index: number, json: string): Promise<string> {
    const bytes = new TextEncoder().encode(json);
    return new Promise((resolve) => {
      this.#stored = resolve;
      this.#port.postMessage({ kind: "store", index, json: bytes } satisfies FromThread, [bytes.buffer as ArrayBuffer]);
    });
  }

  #drain(): void {
    this.#draining = true;
    if (this.#context !== undefined) TaskContext.abort(this.#context, new Error(DRAINING));
  }

  #end({ run, ordinal, error }: Extract<ToThread, { kind: "end" }>): void {
    if (this.#run?.id !== run || this.#context === undefined || this.#state.ordinal !== ordinal) return;
    this.#ending = { ordinal, error };
    TaskContext.abort(this.#context, new Error(error?.message ?? DRAINING));
    this.#command?.kill();
  }

  readonly #onStarted = (command: Command): void => {
    this.#command = command;
    this.#state.setCommand(command.pid);
    if (this.#ending !== undefined) command.kill();
  };

  /** What a handler prints becomes log lines that say whose they are. */
  #takeConsole(): void {
    const idle = jsonLogger(this.#write);
    const logger = () => this.#context?.logger ?? idle;
    for (const name of ["log", "info", "debug"] as const) console[name] = (...words) => logger().info(format(...words));
    console.warn = (...words) => logger().warn(format(...words));
    console.error = (...words) => logger().error(format(...words));
  }

  readonly #write = (line: string): void => this.#post({ kind: "line", line });

  #post(message: FromThread): void {
    this.#port.postMessage(message);
  }
}

const DRAINING = "the worker is told to end";
