import type { ApplicationDefinition } from "./definition.ts";

/** The longest that SQS delays a message, in seconds (SendMessage, API reference). */
const LONGEST_DELAY = 900;

/** Whole seconds to wait before an attempt at a task, counted from 1: none before the first, then growing up to the application's limit. */
export function secondsBefore(
  attempt: number,
  { initialSeconds, rate, maxSeconds }: ApplicationDefinition["backoff"],
): number {
  if (attempt <= 1) return 0;
  return Math.ceil(Math.min(initialSeconds * rate ** (attempt - 2), maxSeconds, LONGEST_DELAY));
}
