import { setTimeout as delay } from "node:timers/promises";
import { PRIORITIES, type Priority } from "#grid/names.ts";
import { afterReceive, drawQueue, newPolling } from "#grid/polling.ts";
import type { Logger } from "../log.ts";
import { waitBefore } from "./persist.ts";
import type { Received, TaskQueues } from "./task-queues.ts";

/** The longest that SQS waits for a message, in seconds (ReceiveMessage, API reference). */
const LONG_POLL_SECONDS = 20;
/**
 * A receive that does not wait is let finish when the intake stops, for so many milliseconds: what SQS gave to a call that was cut off
 * is seen by nobody until its visibility timeout is over.
 */
const LAST_RECEIVE_MS = 500;

export interface IntakeOptions {
  readonly queues: TaskQueues;
  readonly log: Logger;
  /** Messages that there is room for now, at most ten. */
  readonly room: () => number;
  /** Is given what was received; after `stop` too. */
  readonly onMessages: (messages: readonly Received[]) => void;
  /** All queues were found empty. */
  readonly onEmpty: () => void;
}

/** Asks the pool's queues for messages while there is room for them. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  #polling = newPolling;
  readonly #failures: Record<Priority, number> = { high: 0, normal: 0, low: 0 };
  #room: PromiseWithResolvers<void> | undefined;
  #waiting = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** True while all queues are empty. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** There may be room for another message. */
  roomChanged(): void {
    this.#room?.resolve();
  }

  /** Ends calls that wait for messages; `run` settles soon after. */
  stop(): void {
    this.#stop.abort();
    setTimeout(() => this.#cut.abort(), LAST_RECEIVE_MS).unref();
    this.#room?.resolve();
  }

  /** Until stopped. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const room = this.#options.room();
      if (room === 0) {
        this.#room = Promise.withResolvers();
        await this.#room.promise;
        continue;
      }
      const [priority, polling] = drawQueue(this.#polling, performance.now());
      this.#polling = polling;
      if (priority === undefined) await this.#waitAtAll(room);
      else await this.#receive(priority, room, 0, this.#cut.signal);
    }
  }

  /** Until a message is there, or none came for as long as SQS waits. */
  async #waitAtAll(room: number): Promise<void> {
    this.#waiting = true;
    this.#options.onEmpty();
    const others = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, others.signal]);
    await Promise.all(
      PRIORITIES.map(async (priority) => {
        const received = await this.#receive(priority, room, LONG_POLL_SECONDS, signal);
        if (received === undefined) await rest(this.#failures[priority], signal);
        else if (received > 0) others.abort();
      }),
    );
    this.#waiting = false;
  }

  /** Messages received; undefined when the call failed: then the queue is left out like an empty one. */
  async #receive(
    priority: Priority,
    most: number,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { queues, log, onMessages } = this.#options;
    let messages: Received[] | undefined;
    try {
      messages = await queues.receive(priority, most, waitSeconds, signal);
      this.#failures[priority] = 0;
    } catch (error) {
      if (signal.aborted) return undefined;
      const failures = ++this.#failures[priority];
      log.warn("receiving failed; trying again", { queue: queues.nameOf(priority), failures, error });
    }
    const received = messages?.length ?? 0;
    this.#polling = afterReceive(this.#polling, priority, received, performance.now());
    if (messages !== undefined && received > 0) {
      this.#waiting = false;
      onMessages(messages);
    }
    return messages?.length;
  }
}

/** After a failure; cut short by the signal. */
const rest = (failures: number, signal: AbortSignal): Promise<void> =>
  delay(waitBefore(Math.max(1, failures), Math.random()), undefined, { signal }).catch(() => undefined);
