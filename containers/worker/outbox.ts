import { Effect } from "effect";
import type { OutgoingMessage } from "#grid/message-batches.ts";
import { type CompletionLane, completionQueueName } from "#grid/names.ts";
import type { QueuesShape } from "#grid/queues.ts";
import { Completions } from "./completions.ts";
import { Deletions } from "./deletions.ts";
import type { Holdings } from "./holdings.ts";
import { type Patience, persist } from "./persist.ts";
import type { TaskOutcomes } from "./sections.ts";
import type { Received, TaskQueues } from "./task-queues.ts";

export interface OutboxOptions {
  readonly grid: string;
  readonly queues: QueuesShape;
  readonly taskQueues: TaskQueues;
  readonly holdings: Holdings;
  readonly patience: Patience;
  /** A message was dealt with. */
  readonly onClosed: () => void;
}

/** Outcomes that may wait to be sent, in bytes: enough for 80 messages under way, little beside a worker's memory. */
const MOST_UNSENT_BYTES = 16 * 2 ** 20;

/** All that a worker sends. A message is deleted last: once what became of its tasks is in a queue. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #completions: Readonly<Record<CompletionLane, Completions>>;
  readonly #deletions: Deletions;
  readonly #closing = new Set<Promise<void>>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#deletions = new Deletions(options.taskQueues, options.holdings, options.patience);
    const lane = (name: CompletionLane) =>
      new Completions((body) => this.#send(completionQueueName(options.grid, name), [{ body }]));
    this.#completions = { bulk: lane("bulk"), fast: lane("fast") };
  }

  /** True while outcomes come faster than they can be sent: no more tasks should begin. */
  get full(): boolean {
    const { bulk, fast } = this.#completions;
    return bulk.unsentBytes + fast.unsentBytes > MOST_UNSENT_BYTES;
  }

  report(outcomes: TaskOutcomes): void {
    this.#completions[outcomes.header.lane].add(outcomes);
  }

  /** Sends tasks back to the queue that `message` came from. Rejects when the worker gave up. */
  sendBack({ priority }: Received, messages: readonly OutgoingMessage[]): Promise<void> {
    return this.#send(this.#options.taskQueues.nameOf(priority), messages);
  }

  /** Deletes a message when `sends` are done and the outcomes that were reported are sent, those of its `lane`. */
  close(message: Received, lane: CompletionLane | undefined, sends: readonly Promise<void>[] = []): void {
    const closing = this.#close(message, lane, sends).finally(() => {
      this.#closing.delete(closing);
      this.#options.onClosed();
    });
    this.#closing.add(closing);
  }

  flush(lane: CompletionLane): void {
    this.#completions[lane].flush();
  }

  /** Sends and deletes all that waits; settles when that is done or given up. */
  async empty(): Promise<void> {
    this.flush("fast");
    this.flush("bulk");
    await Promise.all(this.#closing);
    await this.#deletions.settled();
  }

  async #close(message: Received, lane: CompletionLane | undefined, sends: readonly Promise<void>[]): Promise<void> {
    try {
      await Promise.all(sends);
      if (lane !== undefined) await this.#completions[lane].sent();
      this.#deletions.add(message);
    } catch (error) {
      this.#options.holdings.release(message);
      this.#options.patience.log.error("a message stays: its tasks will run again", { messageId: message.id, error });
    }
  }

  #send(queue: string, messages: readonly OutgoingMessage[]): Promise<void> {
    const { queues, patience } = this.#options;
    return persist(`sending to ${queue}`, () => Effect.runPromise(queues.sendAll(queue, messages)), patience);
  }
}
