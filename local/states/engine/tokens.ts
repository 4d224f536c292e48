import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** How a task was ended by its token. */
export type TokenOutcome =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly error: string | undefined; readonly cause: string | undefined };

interface Waiting {
  settle(outcome: TokenOutcome): void;
  heartbeat(): void;
}

/** What became of a call with a token. */
export type TokenAnswer = "taken" | "closed" | "not a token";

/**
 * The task tokens of running tasks. A token carries its own check sum, so that one of a task that is over (or of an
 * earlier process) is told from what never was a token, without remembering every token there was.
 */
export class TaskTokens {
  readonly #waiting = new Map<string, Waiting>();

  /** A new token; it is closed until `open`. */
  issue(): string {
    const id = randomBytes(24);
    return Buffer.concat([id, checkSum(id)]).toString("base64url");
  }

  open(token: string, waiting: Waiting): void {
    this.#waiting.set(token, waiting);
  }

  close(token: string): void {
    this.#waiting.delete(token);
  }

  /** Ends the task: the first call with a token is taken, later ones find it closed. */
  settle(token: string, outcome: TokenOutcome): TokenAnswer {
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return isToken(token) ? "closed" : "not a token";
    this.#waiting.delete(token);
    waiting.settle(outcome);
    return "taken";
  }

  heartbeat(token: string): TokenAnswer {
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return isToken(token) ? "closed" : "not a token";
    waiting.heartbeat();
    return "taken";
  }
}

const CHECK_SUM_BYTES = 12;

const checkSum = (id: Buffer): Buffer =>
  createHash("sha256").update("task token").update(id).digest().subarray(0, CHECK_SUM_BYTES);

const isToken = (token: string): boolean => {
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length !== 24 + CHECK_SUM_BYTES) return false;
  return timingSafeEqual(checkSum(bytes.subarray(0, 24)), bytes.subarray(24));
};
