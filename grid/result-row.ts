import type { TaskError } from "./completion.ts";

/** Result rows as text, by functions that need no Schema: the worker's task threads start with this alone. */

/** A row's JSON from the JSON of its output, which is not parsed again. */
export const outputRow = (index: number, outputJson: string) => `{"index":${index},"output":${outputJson}}\n`;
export const storedOutputRow = (index: number, outputUri: string, bytes: number) =>
  `${JSON.stringify({ index, outputUri, bytes })}\n`;
export const errorRow = (index: number, error: TaskError, attempts: number) =>
  `${JSON.stringify({ index, error, attempts })}\n`;

/** Names of the errors that the grid itself gives a task (`error.type` in a result row). */
export const TASK_ERRORS = {
  /** The attempt took longer than the application's timeout. */
  timedOut: "Grid.TaskTimedOut",
  /** A command ended with a non-zero exit code or by a signal. */
  commandFailed: "Grid.CommandFailed",
  /** What the task returned is no JSON value, or not one that the application's output schema allows. */
  badOutput: "Grid.BadOutput",
  /** More than the 100 MiB that one output may have. */
  outputTooLarge: "Grid.OutputTooLarge",
  /** The handler ended its thread: process.exit, or out of memory. */
  threadEnded: "Grid.ThreadEnded",
} as const;
