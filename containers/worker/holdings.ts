import { PRIORITIES } from "#grid/names.ts";
import type { Logger } from "../log.ts";
import type { Received, TaskQueues } from "./task-queues.ts";

/** A worker that stops extending, because it crashed, has its messages seen by others this many seconds later at most. */
const VISIBILITY_SECONDS = 30;
const BEAT_MS = 10_000;
/** A message cannot be kept beyond 12 hours after it was received (ChangeMessageVisibility, API reference): it is handed back before. */
export const LONGEST_HOLD_MS = 11 * 3600 * 1000;

/** Keeps the messages that this worker holds from being seen by others. */
export class Holdings {
  readonly #queues: TaskQueues;
  readonly #log: Logger;
  readonly #onAged: (message: Received) => void;
  readonly #held = new Set<Received>();
  readonly #timer: NodeJS.Timeout;

  constructor(queues: TaskQueues, log: Logger, onAged: (message: Received) => void) {
    this.#queues = queues;
    this.#log = log;
    this.#onAged = onAged;
    this.#timer = setInterval(() => void this.#beat(), BEAT_MS);
  }

  get size(): number {
    return this.#held.size;
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
      if (performance.now() - message.receivedAt > LONGEST_HOLD_MS) this.#onAged(message);
    }
    await Promise.all(
      PRIORITIES.map(async (priority) => {
        const messages = [...this.#held].filter((message) => message.priority === priority);
        try {
          const refused = await this.#queues.extend(messages, VISIBILITY_SECONDS);
          const lost = refused.filter(({ message }) => this.#held.has(message));
          if (lost.length > 0) {
            const ids = lost.map(({ message, code }) => `${message.id}: ${code}`);
            this.#log.warn("SQS did not extend messages: others may run them too", { messages: ids });
          }
        } catch (error) {
          this.#log.warn("extending messages failed; trying again at the next beat", { queue: priority, error });
        }
      }),
    );
  }
}
