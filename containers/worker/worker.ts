import { setTimeout as delay } from "node:timers/promises";
import { secondsBefore } from "#grid/backoff.ts";
import { slotsOf } from "#grid/chunk-size.ts";
import type { GridDefinition } from "#grid/definition.ts";
import { type IndexedTask, packTasks } from "#grid/packing.ts";
import { LONG_PACK_SECONDS, meanPackSeconds, messagesToTake } from "#grid/polling.ts";
import type { QueuesShape } from "#grid/queues.ts";
import type { Logger } from "../log.ts";
import { type HeldPack, readPack } from "./held-pack.ts";
import { Holdings } from "./holdings.ts";
import { Intake } from "./intake.ts";
import { Outbox } from "./outbox.ts";
import { packMessage } from "./pack-message.ts";
import type { PackMetrics } from "./pack-metrics.ts";
import { type PackRest, PackRun } from "./pack-run.ts";
import type { Slots } from "./slots.ts";
import type { Received, TaskQueues } from "./task-queues.ts";

export interface WorkerOptions {
  readonly definition: GridDefinition;
  readonly pool: string;
  readonly taskQueues: TaskQueues;
  readonly queues: QueuesShape;
  readonly slots: Slots;
  readonly log: Logger;
  readonly metrics: PackMetrics;
  /** How long tasks at hand may go on when the worker drains, in milliseconds. */
  readonly graceMs: number;
  /** Aborted when calls that fail are not to be tried again. */
  readonly giveUp: AbortController;
}

/** A pack is handed back in part when it takes this many times its target, and at least so many seconds. */
const FAR_OVER_TARGET = 5;
const LEAST_OVER_SECONDS = 5;

/** Why tasks are handed back. */
const DRAINING = "the worker drains";

/** At the end of a drain, sends and deletes that fail are tried again for no longer than this, in milliseconds. */
const LAST_TRIES_MS = 5000;

/** Takes packs, runs their tasks in its slots, and hands the outcomes to its outbox. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #holdings: Holdings;
  readonly #outbox: Outbox;
  readonly #intake: Intake;
  #waiting: HeldPack[] = [];
  readonly #running = new Map<HeldPack, PackRun>();
  readonly #ended = new Set<Promise<void>>();
  #packSeconds: number | undefined;
  #taking: Promise<void> | undefined;
  #watch: NodeJS.Timeout | undefined;
  #draining = false;

  constructor(options: WorkerOptions) {
    const { definition, log, taskQueues, queues, giveUp } = options;
    this.#options = options;
    this.#holdings = new Holdings(taskQueues, log, (message) => this.#giveBackAged(message));
    this.#outbox = new Outbox({
      grid: definition.name,
      queues,
      taskQueues,
      holdings: this.#holdings,
      patience: { giveUp: giveUp.signal, log },
      onClosed: () => this.#intake.roomChanged(),
    });
    this.#intake = new Intake({
      queues: taskQueues,
      log,
      room: () => this.#room(),
      onMessages: (messages) => this.#take(messages),
      onEmpty: () => this.#flushIfIdle(),
    });
  }

  /** Works until it is drained. */
  async run(): Promise<void> {
    this.#taking = this.#intake.run();
    await this.#taking;
  }

  /** Takes nothing more, hands back what has not begun, waits for the tasks at hand within the grace, and reports. */
  async drain(): Promise<void> {
    const { graceMs, giveUp, slots } = this.#options;
    this.#draining = true;
    this.#intake.stop();
    for (const held of this.#waiting.splice(0)) this.#handBack(held);
    for (const [held, run] of this.#running) {
      this.#sendBack(held, [run.stop()], DRAINING);
      run.drain();
    }
    const grace = new AbortController();
    const graceIsOver = delay(graceMs, undefined, grace).catch(() => undefined);
    await Promise.race([Promise.all(this.#ended), graceIsOver]);
    grace.abort();
    await this.#taking;
    for (const run of this.#running.values()) run.giveUp();
    await Promise.all(this.#ended);
    setTimeout(() => giveUp.abort(), LAST_TRIES_MS).unref();
    await this.#outbox.empty();
    this.#options.metrics.flush();
    this.#holdings.close();
    await slots.close();
  }

  #room(): number {
    if (this.#outbox.full) return 0;
    const running = [...this.#running.values()];
    return messagesToTake({
      slots: this.#options.slots.count,
      running: running.length,
      long: running.filter(({ seconds }) => seconds > LONG_PACK_SECONDS).length,
      waiting: this.#waiting.length,
      packSeconds: this.#packSeconds,
    });
  }

  #take(messages: readonly Received[]): void {
    for (const message of messages) {
      const held = this.#read(message);
      if (held === undefined) continue;
      this.#holdings.hold(message);
      if (this.#draining) this.#handBack(held);
      else this.#waiting.push(held);
    }
    this.#startWaiting();
    this.#watchWaiting();
  }

  /** None for a message that this worker leaves alone: it appears again, to other workers and, at last, in the dead-letter queue. */
  #read(message: Received): HeldPack | undefined {
    const { definition, pool, log, taskQueues } = this.#options;
    try {
      return readPack(message, definition, pool);
    } catch (error) {
      const queue = taskQueues.nameOf(message.priority);
      log.error("a message is left alone", { messageId: message.id, queue, error });
      return undefined;
    }
  }

  #startWaiting(): void {
    while (!this.#draining && this.#running.size < this.#options.slots.count) {
      const held = this.#waiting.shift();
      if (held === undefined) break;
      const { job, chunk, deadline } = held.pack.header;
      if (Date.now() > deadline) {
        const messageId = held.message.id;
        this.#options.log.warn("tasks are dropped: their job's deadline has passed", { job, chunk, messageId });
        this.#outbox.close(held.message, undefined);
        continue;
      }
      const ended = this.#work(held).finally(() => this.#ended.delete(ended));
      this.#ended.add(ended);
    }
    this.#intake.roomChanged();
  }

  async #work(held: HeldPack): Promise<void> {
    const { slots, log, metrics } = this.#options;
    const { pack, application, message } = held;
    const slot = slots.take();
    const waitMs = pack.header.attempt === 1 ? Math.max(0, Date.now() - message.sentAt) : undefined;
    const run = new PackRun({
      pack,
      application,
      thread: () => slot.thread(),
      report: (outcomes) => this.#outbox.report(outcomes),
      log,
    });
    this.#running.set(held, run);
    const longest = Math.max(LEAST_OVER_SECONDS, FAR_OVER_TARGET * application.pack.targetSeconds);
    const overTarget = setTimeout(() => this.#splitUp(held, run), longest * 1000);
    const rest = await run.run();
    clearTimeout(overTarget);
    this.#running.delete(held);
    slots.free(slot);
    this.#packSeconds = meanPackSeconds(this.#packSeconds, run.seconds);
    metrics.add({ application: application.name, waitMs, attempts: run.attempts, runMs: run.seconds * 1000 });
    this.#close(held, rest);
    this.#startWaiting();
    this.#flushIfIdle();
  }

  #close(held: HeldPack, { retries, unfinished, broken }: PackRest): void {
    const { message, pack, application, sends } = held;
    const { header } = pack;
    if (broken !== undefined) {
      const { job, chunk } = header;
      const details = { job, chunk, messageId: message.id, cause: broken };
      this.#options.log.error("a pack could not begin and is left alone", details);
      this.#holdings.release(message);
      return;
    }
    this.#sendBack(held, [unfinished], "the task at hand was given up");
    if (retries.length > 0) {
      const attempt = header.attempt + 1;
      const delaySeconds = secondsBefore(attempt, application.backoff);
      sends.push(this.#outbox.sendBack(message, [packMessage(header, retries, { attempt, delaySeconds })]));
    }
    this.#outbox.close(message, header.lane, sends);
  }

  /** All of a pack that has not begun. */
  #handBack({ message }: HeldPack): void {
    this.#outbox.close(message, undefined, [this.#outbox.sendBack(message, [{ body: message.body }])]);
  }

  /** Packs that were fetched ahead of one that turned out to be long: another worker may have them. */
  #watchWaiting(): void {
    if (this.#waiting.length === 0 || this.#watch !== undefined) return;
    this.#watch = setTimeout(() => {
      this.#watch = undefined;
      const longAgo = performance.now() - LONG_PACK_SECONDS * 1000;
      const overdue = this.#waiting.filter(({ message }) => message.receivedAt <= longAgo);
      for (const held of overdue) this.#handBack(held);
      this.#waiting = this.#waiting.filter((held) => !overdue.includes(held));
      this.#watchWaiting();
    }, LONG_PACK_SECONDS * 1000).unref();
  }

  /** Lets no other task of a pack begin that takes far too long: others may have them, packed by the time that its tasks take. */
  #splitUp(held: HeldPack, run: PackRun): void {
    const { targetSeconds, maxTasks } = held.application.pack;
    const { taskSeconds } = run;
    const slots = slotsOf(this.#options.definition.pools[this.#options.pool]!);
    const packs = packTasks(run.stop(), { targetSeconds, maxTasks, taskSeconds, slots, tasksBehind: 0 });
    this.#sendBack(held, packs, "the pack takes far longer than its target");
  }

  /** Sends tasks of a running pack as messages of their own; its message is deleted after that. */
  #sendBack({ message, pack, sends }: HeldPack, packs: readonly (readonly IndexedTask[])[], why: string): void {
    const filled = packs.filter((tasks) => tasks.length > 0);
    if (filled.length === 0) return;
    const { job, chunk } = pack.header;
    const tasks = filled.flat().length;
    this.#options.log.info("tasks are handed back", { job, chunk, tasks, packs: filled.length, why });
    const messages = filled.map((each) => packMessage(pack.header, each));
    sends.push(this.#outbox.sendBack(message, messages));
  }

  /** A message that cannot be kept for long any more: gives back what it holds as a new one. */
  #giveBackAged(message: Received): void {
    const waiting = this.#waiting.findIndex((held) => held.message === message);
    if (waiting >= 0) this.#handBack(this.#waiting.splice(waiting, 1)[0]!);
    for (const [held, run] of this.#running) if (held.message === message) run.giveUp();
  }

  /** Nobody waits for an outcome while the worker has nothing else to do. */
  #flushIfIdle(): void {
    if (this.#running.size + this.#waiting.length > 0) return;
    this.#outbox.flush("fast");
    if (this.#intake.waiting) this.#outbox.flush("bulk");
  }
}
