import { PRIORITIES, type Priority } from "#grid/names.ts";
import type { Logger } from "../log.ts";
import type { Received, TaskQueues } from "./task-queues.ts";

export interface HoldTimes {
  /** A crashed worker's messages are seen by others this long after its last beat. */
  readonly visibilitySeconds: number;
  readonly beatMs: number;
  /** SQS keeps a message from others for at most 12 hours after it was received (ChangeMessageVisibility, API reference). */
  readonly longestMs: number;
}

/** Two beats may be lost before a message is. */
const HOLD_TIMES: HoldTimes = { visibilitySeconds: 30, beatMs: 10_000, longestMs: 11 * 3600 * 1000 };

/** Keeps the messages that this worker holds from being seen by others. */
export class Holdings {
  readonly #queues: TaskQueues;
  readonly #log: Logger;
  readonly #onAged: (message: Received) => void;
  readonly #times: HoldTimes;
  readonly #held = new Set<Received>();
  readonly #timer: NodeJS.Timeout;

  /** @param onAged is given a message that cannot be held for much longer, at each beat until it is released. */
  constructor(queues: TaskQueues, log: Logger, onAged: (message: Received) => void, times = HOLD_TIMES) {
    this.#queues = queues;
    this.#log = log;
    this.#onAged = onAged;
    this.#times = times;
    this.#timer = setInterval(() => void this.#beat(), times.beatMs);
  }

  hold(message: Received): void {
    this.#held.add(message);
  }

  /** For one that is deleted, or that is to be seen by others when its time is over. */
  release(message: Received): void {
    this.#held.delete(message);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #beat(): Promise<void> {
    for (const message of this.#held) {
      if (performance.now() - message.receivedAt > this.#times.longestMs) this.#onAged(message);
    }
    await Promise.all(PRIORITIES.map((priority) => this.#extend(priority)));
  }

  async #extend(priority: Priority): Promise<void> {
    const messages = [...this.#held].filter((message) => message.priority === priority);
    try {
      const refused = await this.#queues.extend(messages, this.#times.visibilitySeconds);
      const lost = refused.filter(({ message }) => this.#held.has(message));
      if (lost.length === 0) return;
      const ids = lost.map(({ message, code }) => `${message.id}: ${code}`);
      this.#log.warn("SQS did not extend messages: others may run them too", { messages: ids });
    } catch (error) {
      this.#log.warn("extending messages failed; trying again at the next beat", { priority, error });
    }
  }
}
