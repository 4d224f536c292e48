import { sqsText } from "#grid/message.ts";
import { completionBody, type TaskOutcomes } from "./sections.ts";

/** Outcomes wait no longer than this for others, in milliseconds. */
const WINDOW_MS = 1000;
/** Nor once there are this many bytes of rows. */
const ENOUGH_BYTES = 200 * 1024;
/** SQS takes 1 MiB; this leaves room for section headers. */
const MOST_BYTES = 900 * 1000;

/** Outcomes on their way to one completion queue, grouped into messages. */
export class Completions {
  readonly #send: (body: string) => Promise<void>;
  readonly #unsent = new Set<Promise<void>>();
  #outcomes: TaskOutcomes[] = [];
  #bytes = 0;
  #unsentBytes = 0;
  #current: PromiseWithResolvers<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param send settles when a message is taken by SQS, rejects when the worker gave up. */
  constructor(send: (body: string) => Promise<void>) {
    this.#send = send;
  }

  /** Bytes of rows that no message has taken to SQS yet. */
  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  add(outcomes: TaskOutcomes): void {
    const bytes = Buffer.byteLength(sqsText(outcomes.rows));
    if (this.#bytes > 0 && this.#bytes + bytes > MOST_BYTES) this.flush();
    this.#outcomes.push(outcomes);
    this.#bytes += bytes;
    this.#unsentBytes += bytes;
    if (this.#current === undefined) {
      this.#current = Promise.withResolvers();
      this.#track(this.#current.promise);
    }
    if (this.#bytes >= ENOUGH_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), WINDOW_MS);
  }

  /** Sends what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const current = this.#current;
    if (current === undefined) return;
    const body = completionBody(this.#outcomes);
    const bytes = this.#bytes;
    this.#outcomes = [];
    this.#bytes = 0;
    this.#current = undefined;
    this.#send(body).then(() => {
      this.#unsentBytes -= bytes;
      current.resolve();
    }, current.reject);
  }

  /** Settles when all that was added so far is sent; rejects when the worker gave up sending. */
  async sent(): Promise<void> {
    await Promise.all(this.#unsent);
  }

  #track(promise: Promise<void>): void {
    this.#unsent.add(promise);
    promise.then(
      () => this.#unsent.delete(promise),
      () => undefined,
    );
  }
}
