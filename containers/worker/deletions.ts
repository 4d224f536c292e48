import { setTimeout as delay } from "node:timers/promises";
import { BATCH_MESSAGES } from "#grid/message-batches.ts";
import { PRIORITIES, type Priority } from "#grid/names.ts";
import type { Holdings } from "./holdings.ts";
import { type Patience, persist } from "./persist.ts";
import type { Received, TaskQueues } from "./task-queues.ts";

/** A batch that is not full waits this long for others, in milliseconds. */
const GATHER_MS = 50;

/** Deletes messages in as few calls as SQS allows. */
export class Deletions {
  readonly #queues: TaskQueues;
  readonly #holdings: Holdings;
  readonly #patience: Patience;
  readonly #due = new Map<Priority, Received[]>(PRIORITIES.map((priority) => [priority, []]));
  readonly #under = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(queues: TaskQueues, holdings: Holdings, patience: Patience) {
    this.#queues = queues;
    this.#holdings = holdings;
    this.#patience = patience;
  }

  add(message: Received): void {
    const due = this.#due.get(message.priority)!;
    due.push(message);
    if (due.length >= BATCH_MESSAGES) this.#flush(message.priority);
    else this.#timer ??= setTimeout(() => this.#flushAll(), GATHER_MS);
  }

  /** Settles when all that were added are deleted, or given up. */
  async settled(): Promise<void> {
    this.#flushAll();
    await Promise.all(this.#under);
  }

  #flushAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const priority of PRIORITIES) this.#flush(priority);
  }

  #flush(priority: Priority): void {
    const messages = this.#due.get(priority)!.splice(0);
    if (messages.length === 0) return;
    const done = this.#delete(messages).finally(() => this.#under.delete(done));
    this.#under.add(done);
  }

  async #delete(messages: readonly Received[]): Promise<void> {
    const { log, giveUp } = this.#patience;
    try {
      let left = messages;
      while (left.length > 0) {
        const refused = await persist("SQS.DeleteMessageBatch", () => this.#queues.delete(left), this.#patience);
        for (const { message, code } of refused.filter(({ final }) => final)) {
          log.warn("SQS did not delete a message: its tasks may run again", { message: message.id, code });
        }
        left = refused.filter(({ final }) => !final).map(({ message }) => message);
        if (left.length > 0) {
          if (giveUp.aborted) break;
          await delay(GATHER_MS);
        }
      }
    } catch (error) {
      log.error("messages stay undeleted: their tasks may run again", {
        messages: messages.map(({ id }) => id),
        error,
      });
    }
    for (const message of messages) this.#holdings.release(message);
  }
}
