import { inspect } from "node:util";
import type { TaskError } from "#grid/completion.ts";

/** A failure that the grid itself names: `type` is one of TASK_ERRORS. */
export class TaskFailure extends Error {
  constructor(type: string, message: string) {
    super(message);
    this.name = type;
  }
}

/** Longest message of an error in a result row, in characters: it travels with every row. */
const LONGEST_MESSAGE = 4096;

/** What a result row says of something that a task threw. */
export function taskErrorOf(thrown: unknown): TaskError {
  const [type, message] = thrown instanceof Error ? [nameOf(thrown), String(thrown.message)] : nonError(thrown);
  return {
    type,
    message: message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message,
  };
}

/** `class NotFound extends Error` leaves `name` as "Error": then the class says more. */
function nameOf(error: Error): string {
  const name = String(error.name);
  return name === "Error" || name === "" ? error.constructor.name || "Error" : name;
}

const nonError = (thrown: unknown): [string, string] => [
  "NonError",
  typeof thrown === "string" ? thrown : inspect(thrown, { depth: 2 }),
];
