import { randomUUID } from "node:crypto";
import { DueHeap } from "./due-heap.ts";
import { Fifo } from "./fifo.ts";
import type { Message } from "./message.ts";
import type { QueueSettings } from "./settings.ts";

/** Messages of a queue by state. */
export interface QueueDepth {
  visible: number;
  inFlight: number;
  delayed: number;
}

/** A receive that waits for messages. */
interface Waiter {
  max: number;
  visibilitySeconds: number;
  answer(messages: Message[]): void;
}

/** AWS's quota of messages in flight in one standard queue. */
const MAX_IN_FLIGHT = 120_000;

/** A standard queue in memory: at least once, in order of arrival as far as redelivery lets it. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  settings: QueueSettings;
  modifiedAt: number;
  readonly tags = new Map<string, string>();
  readonly #now: () => number;
  readonly #deadLetterQueue: (arn: string) => Queue | undefined;
  #ready = new Fifo<Message>();
  #delayed = new DueHeap<Message>();
  #inFlight = new DueHeap<Message>();
  #byHandle = new Map<string, Message>();
  readonly #waiters = new Set<Waiter>();
  #wakeUp: NodeJS.Timeout | undefined;

  /**
   * @param options.now milliseconds since the epoch.
   * @param options.deadLetterQueue finds the queue a redrive policy names.
   */
  constructor(options: {
    name: string;
    arn: string;
    settings: QueueSettings;
    now: () => number;
    deadLetterQueue: (arn: string) => Queue | undefined;
  }) {
    this.name = options.name;
    this.arn = options.arn;
    this.settings = options.settings;
    this.#now = options.now;
    this.#deadLetterQueue = options.deadLetterQueue;
    this.createdAt = this.modifiedAt = options.now();
  }

  /** How many messages are in which state now. */
  depth(): QueueDepth {
    this.#advance();
    return { visible: this.#ready.size, inFlight: this.#inFlight.size, delayed: this.#delayed.size };
  }

  /** Takes messages in and wakes receives that wait; one whose `dueAt` lies ahead stays delayed until then. */
  send(messages: readonly Message[]): void {
    const now = this.#now();
    for (const message of messages) {
      if (message.dueAt > now) this.#delayed.add(message);
      else this.#ready.push(message);
    }
    this.#serveWaiters();
  }

  /**
   * Takes up to `max` messages out of sight for `visibilitySeconds`; empty when there are none.
   * A message that was received as often as the redrive policy allows moves to the dead-letter queue instead.
   */
  receive(max: number, visibilitySeconds: number): Message[] {
    this.#advance();
    return this.#take(max, visibilitySeconds);
  }

  /**
   * As receive, but waits up to `waitSeconds` for the first message.
   * @param onCancel is given the function that ends the wait without taking anything.
   */
  receiveOrWait(options: {
    max: number;
    visibilitySeconds: number;
    waitSeconds: number;
    onCancel: (cancel: () => void) => void;
  }): Promise<Message[]> {
    const { max, visibilitySeconds, waitSeconds } = options;
    const messages = this.receive(max, visibilitySeconds);
    if (messages.length > 0 || waitSeconds === 0) return Promise.resolve(messages);
    return new Promise((resolve) => {
      const answer = (received: Message[]): void => {
        clearTimeout(timeout);
        this.#waiters.delete(waiter);
        resolve(received);
      };
      const waiter: Waiter = { max, visibilitySeconds, answer };
      const timeout = setTimeout(() => answer([]), waitSeconds * 1000);
      options.onCancel(() => answer([]));
      this.#waiters.add(waiter);
      this.#planWakeUp();
    });
  }

  /** Removes the message of a live handle; a handle whose visibility has run out removes nothing. */
  delete(receiptHandle: string): void {
    this.#advance();
    const message = this.#byHandle.get(receiptHandle);
    if (message) this.#land(message);
  }

  /** Moves the end of a message's visibility timeout; 0 returns it at once. False when the handle is not alive. */
  changeVisibility(receiptHandle: string, seconds: number): boolean {
    this.#advance();
    const message = this.#byHandle.get(receiptHandle);
    if (!message) return false;
    this.#inFlight.remove(message);
    message.dueAt = this.#now() + seconds * 1000;
    this.#inFlight.add(message);
    this.#serveWaiters();
    return true;
  }

  /** Forgets every message. */
  purge(): void {
    this.#ready = new Fifo();
    this.#delayed = new DueHeap();
    this.#inFlight = new DueHeap();
    this.#byHandle = new Map();
  }

  /** Answers receives that wait with nothing, and stops the clock. */
  close(): void {
    for (const waiter of this.#waiters) waiter.answer([]);
    clearTimeout(this.#wakeUp);
  }

  /** True when no more messages may be in flight. */
  get isFull(): boolean {
    return this.#inFlight.size >= MAX_IN_FLIGHT;
  }

  /** Brings the state up to now: delays and visibility timeouts that ended, messages past their retention. */
  #advance(): void {
    const now = this.#now();
    for (let due = this.#delayed.first; due && due.dueAt <= now; due = this.#delayed.first) {
      this.#delayed.remove(due);
      this.#ready.push(due);
    }
    for (let due = this.#inFlight.first; due && due.dueAt <= now; due = this.#inFlight.first) {
      this.#land(due);
      this.#ready.push(due);
    }
    for (let oldest = this.#ready.first; oldest && this.#isPastRetention(oldest, now); oldest = this.#ready.first) {
      this.#ready.shift();
    }
  }

  #take(max: number, visibilitySeconds: number): Message[] {
    const now = this.#now();
    const taken: Message[] = [];
    const dead: Message[] = [];
    const { redrive } = this.settings;
    const deadLetterQueue = redrive && this.#deadLetterQueue(redrive.deadLetterTargetArn);
    while (taken.length < max && !this.isFull) {
      const message = this.#ready.shift();
      if (!message) break;
      if (this.#isPastRetention(message, now)) continue;
      if (deadLetterQueue && message.receiveCount >= redrive.maxReceiveCount) {
        message.deadLetterSource = this.arn;
        dead.push(message);
        continue;
      }
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      message.receiptHandle = randomUUID();
      message.dueAt = now + visibilitySeconds * 1000;
      this.#byHandle.set(message.receiptHandle, message);
      this.#inFlight.add(message);
      taken.push(message);
    }
    if (dead.length > 0) deadLetterQueue?.send(dead);
    return taken;
  }

  #land(message: Message): void {
    this.#inFlight.remove(message);
    this.#byHandle.delete(message.receiptHandle ?? "");
    delete message.receiptHandle;
  }

  #isPastRetention(message: Message, now: number): boolean {
    return now - message.sentAt >= this.settings.retentionSeconds * 1000;
  }

  #serveWaiters(): void {
    for (const waiter of this.#waiters) {
      const messages = this.receive(waiter.max, waiter.visibilitySeconds);
      if (messages.length === 0) break;
      waiter.answer(messages);
    }
    this.#planWakeUp();
  }

  /** While someone waits, wakes when the next message becomes visible by itself. */
  #planWakeUp(): void {
    clearTimeout(this.#wakeUp);
    if (this.#waiters.size === 0) return;
    const next = Math.min(this.#delayed.first?.dueAt ?? Infinity, this.#inFlight.first?.dueAt ?? Infinity);
    if (next === Infinity) return;
    this.#wakeUp = setTimeout(() => this.#serveWaiters(), Math.max(1, next - this.#now()));
  }
}
