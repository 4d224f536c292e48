import { TaskThread, type ThreadOptions } from "./task-thread-handle.ts";

/** Where one pack runs at a time. */
export class Slot {
  readonly #start: () => TaskThread;
  #thread: TaskThread | undefined;

  constructor(start: () => TaskThread) {
    this.#start = start;
  }

  /** The slot's thread, started when it is first asked for and when the last one has ended. */
  thread(): TaskThread {
    if (this.#thread?.alive !== true) this.#thread = this.#start();
    return this.#thread;
  }

  killCommand(): void {
    this.#thread?.killCommand();
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }
}

/** A worker's slots. */
export class Slots {
  readonly count: number;
  readonly #all: readonly Slot[];
  readonly #free: Slot[];

  /** @param entry the bundle, or module, of a task thread. */
  constructor(count: number, entry: URL, options: ThreadOptions) {
    this.count = count;
    this.#all = Array.from({ length: count }, () => new Slot(() => new TaskThread(entry, options)));
    this.#free = [...this.#all];
  }

  /** The slot that was freed last: its thread is there and warm. */
  take(): Slot {
    const slot = this.#free.pop();
    if (slot === undefined) throw new Error(`all ${this.count} slots are taken`);
    return slot;
  }

  free(slot: Slot): void {
    this.#free.push(slot);
  }

  /** Commands have process groups of their own: without this they would outlive a worker that ends at once. */
  killCommands(): void {
    for (const slot of this.#all) slot.killCommand();
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((slot) => slot.close()));
  }
}
