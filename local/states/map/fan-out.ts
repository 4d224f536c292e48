import { setImmediate as nextTurn } from "node:timers/promises";
import type { CancelReason } from "../engine/cancellation.ts";
import type { ExecutionPlan, Started } from "../engine/services.ts";

/** Children started between two turns of the event loop: other work gets its turn. */
const STARTS_PER_TURN = 64;

/** A child to be started. */
export type Starting = () => Started;

/**
 * Runs children, at most `maxConcurrency` at once; the next one is made only when it can start. After `stop` no further
 * one is started and those that run are cancelled.
 */
export class FanOut {
  readonly #maxConcurrency: number;
  readonly #ended: (record: ExecutionPlan["record"]) => void;
  readonly #running = new Set<Started>();
  #stopped: CancelReason | undefined;
  #wake: (() => void) | undefined;

  /** @param ended called with the record of each child when it is over. */
  constructor(maxConcurrency: number, ended: (record: ExecutionPlan["record"]) => void) {
    this.#maxConcurrency = maxConcurrency;
    this.#ended = ended;
  }

  stop(reason: CancelReason): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = reason;
    for (const child of this.#running) child.cancel(reason);
    this.#wake?.();
  }

  /** Starts all children and waits until they are over. @throws what `starting` throws, once all are over. */
  async run(starting: AsyncIterable<Starting>): Promise<void> {
    try {
      let starts = 0;
      for await (const start of starting) {
        while (this.#running.size >= this.#maxConcurrency && this.#stopped === undefined) await this.#change();
        if (this.#stopped !== undefined) break;
        this.#start(start());
        starts += 1;
        if (starts % STARTS_PER_TURN === 0) await nextTurn();
      }
    } catch (error) {
      this.stop({ kind: "stopped" });
      throw error;
    } finally {
      while (this.#running.size > 0) await this.#change();
    }
  }

  #start(child: Started): void {
    this.#running.add(child);
    child.finished.then((record) => {
      this.#running.delete(child);
      this.#ended(record);
      this.#wake?.();
    });
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
