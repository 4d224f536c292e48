/** Why a running execution is being ended from outside. */
export type CancelReason =
  | { readonly kind: "stopped"; readonly error?: string | undefined; readonly cause?: string | undefined }
  | { readonly kind: "timed out" }
  /** The process ends: nothing is recorded, so that the next one finds what was running. */
  | { readonly kind: "closing" };

/** Thrown out of whatever a cancelled execution was waiting for; no Retry or Catch sees it. */
export class Cancelled extends Error {
  readonly reason: CancelReason;

  constructor(reason: CancelReason) {
    super(`the execution is being ended: ${reason.kind}`);
    this.name = "Cancelled";
    this.reason = reason;
  }
}

/** Ends one execution, or one part of one, from outside. */
export class Cancellation {
  #reason: CancelReason | undefined;
  readonly #listeners = new Set<() => void>();

  get reason(): CancelReason | undefined {
    return this.#reason;
  }

  /** The first reason stays. */
  cancel(reason: CancelReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }

  /** Calls `listener` once when cancelled (at once if that has been); returns how to take it back. */
  onCancel(listener: () => void): () => void {
    if (this.#reason !== undefined) {
      listener();
      return () => {};
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** One that is cancelled with this one, and can be alone; `unlink` it when it is over. */
  child(): { readonly cancellation: Cancellation; readonly unlink: () => void } {
    const cancellation = new Cancellation();
    const unlink = this.onCancel(() => cancellation.cancel(this.#reason as CancelReason));
    return { cancellation, unlink };
  }

  /** @throws Cancelled when cancelled. */
  check(): void {
    if (this.#reason !== undefined) throw new Cancelled(this.#reason);
  }

  /** What `start` settles with, or Cancelled, whichever comes first; `start` returns how to clean up. */
  settle<T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let cleanUp: (() => void) | undefined;
      let settled = false;
      const finish = (act: () => void) => {
        if (settled) return;
        settled = true;
        off();
        cleanUp?.();
        act();
      };
      let off = () => {};
      cleanUp = start(
        (value) => finish(() => resolve(value)),
        (error) => finish(() => reject(error)),
      );
      if (settled) cleanUp();
      else off = this.onCancel(() => finish(() => reject(new Cancelled(this.#reason as CancelReason))));
    });
  }

  /** Waits, or throws Cancelled. */
  sleep(milliseconds: number): Promise<void> {
    return this.settle<void>((resolve) => startTimer(milliseconds, resolve));
  }
}

/** setTimeout fires at once for more than this. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** A timer for any number of milliseconds (a state may wait a year); returns how to stop it. */
export const startTimer = (milliseconds: number, onTime: () => void): (() => void) => {
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    const step = Math.min(left, LONGEST_TIMEOUT_MS);
    timer = setTimeout(() => (left > step ? arm(left - step) : onTime()), step);
  };
  arm(Math.max(0, milliseconds));
  return () => clearTimeout(timer);
};
