import { format } from "node:util";
import type { MessagePort } from "node:worker_threads";
import { inRanges } from "#grid/ranges.ts";
import { outputRow, storedOutputRow } from "#grid/result-row.ts";
import { jsonLogger } from "../log.ts";
import { sharedFolderOf } from "../shared-folder.ts";
import { commandProgram } from "./command-program.ts";
import { moduleProgram } from "./module-program.ts";
import { OutcomeBatch } from "./outcome-batch.ts";
import { INLINE_OUTPUT_BYTES, OUTPUT_BYTES, tooLarge } from "./output.ts";
import { TaskContext } from "./task-context.ts";
import { taskErrorOf } from "./task-failure.ts";
import type { TaskCall, TaskProgram } from "./task-program.ts";
import { ThreadEnvironment } from "./thread-environment.ts";
import {
  type FromThread,
  monotonicMs,
  NOT_TIMED,
  ORDINAL,
  type Run,
  STARTED_AT,
  STOP,
  type ThreadData,
  type ToThread,
} from "./thread-messages.ts";
import { timedOut } from "./timed-out.ts";

/** A task thread: runs what it is sent, one run at a time, one task at a time. */
export class ThreadRuns {
  readonly #port: MessagePort;
  readonly #data: ThreadData;
  readonly #state: Int32Array;
  readonly #environment = new ThreadEnvironment();
  readonly #programs = new Map<string, Promise<TaskProgram>>();
  #run: Run | undefined;
  #call: TaskCall | undefined;
  #shared = "";
  #timedOut = false;
  #draining = false;
  #stored: ((uri: string) => void) | undefined;

  constructor(port: MessagePort, data: ThreadData) {
    this.#port = port;
    this.#data = data;
    this.#state = new Int32Array(data.state);
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
          return this.#end(message.run, message.ordinal);
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
    const batch = new OutcomeBatch((outcomes) => this.#post({ kind: "outcomes", outcomes }));
    let ordinal = 0;
    for (const index of inRanges(run.indexes)) {
      const now = monotonicMs();
      batch.flushIfDue(now);
      // In this order: who sets STOP and then reads ORDINAL knows that no later task will begin.
      Atomics.store(this.#state, STARTED_AT, now);
      Atomics.store(this.#state, ORDINAL, ordinal);
      if (Atomics.load(this.#state, STOP) !== 0) break;
      await this.#task(run, ordinal, index, lines[ordinal]!, batch);
      ordinal++;
    }
    batch.flush(monotonicMs());
    this.#run = undefined;
    this.#post({ kind: "ended", next: ordinal });
  }

  async #task(run: Run, ordinal: number, index: number, line: string, batch: OutcomeBatch): Promise<void> {
    const context = new TaskContext(run, this.#shared, index, this.#write);
    const call: TaskCall = { line, context, onEnd: undefined };
    this.#call = call;
    this.#timedOut = false;
    if (this.#draining) TaskContext.abort(context, new Error(DRAINING));
    try {
      const json = await (await this.#program(run.application))(call);
      if (this.#timedOut) throw timedOut(this.#timeoutSeconds(run));
      batch.succeeded(await this.#row(index, json));
    } catch (thrown) {
      const reason = this.#timedOut ? timedOut(this.#timeoutSeconds(run)) : thrown;
      context.logger.warn("the task failed", { error: reason });
      batch.failed(ordinal, taskErrorOf(reason));
    } finally {
      this.#call = undefined;
    }
  }

  #timeoutSeconds(run: Run): number {
    return this.#data.applications[run.application]!.timeoutSeconds;
  }

  /** Loaded once a thread. */
  #program(application: string): Promise<TaskProgram> {
    const known = this.#programs.get(application);
    if (known !== undefined) return known;
    const definition = this.#data.applications[application]!;
    const { task } = definition;
    const program =
      task.kind === "module"
        ? moduleProgram(this.#data.imageFolder, task.module, definition)
        : commandProgram(task.command, definition);
    this.#programs.set(application, program);
    return program;
  }

  async #row(index: number, json: string): Promise<string> {
    // A character takes at most three bytes of UTF-8: most outputs need not be measured.
    if (json.length * 3 <= INLINE_OUTPUT_BYTES) return outputRow(index, json);
    const bytes = Buffer.byteLength(json);
    if (bytes <= INLINE_OUTPUT_BYTES) return outputRow(index, json);
    if (bytes > OUTPUT_BYTES) throw tooLarge(`${bytes} bytes`);
    Atomics.store(this.#state, STARTED_AT, NOT_TIMED);
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
    if (this.#call !== undefined) TaskContext.abort(this.#call.context, new Error(DRAINING));
  }

  #end(run: number, ordinal: number): void {
    if (this.#run?.id !== run || this.#call === undefined || Atomics.load(this.#state, ORDINAL) !== ordinal) return;
    this.#timedOut = true;
    TaskContext.abort(this.#call.context, timedOut(this.#timeoutSeconds(this.#run)));
    this.#call.onEnd?.();
  }

  /** What a handler prints becomes log lines that say whose they are. */
  #takeConsole(): void {
    const idle = jsonLogger(this.#write);
    const logger = () => this.#call?.context.logger ?? idle;
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
