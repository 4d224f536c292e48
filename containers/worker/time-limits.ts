import type { TaskError } from "#grid/completion.ts";
import { TASK_ERRORS } from "#grid/result-row.ts";

/** What may take how long, and what a task's error says of more. */
export interface TimeLimit {
  readonly ms: number;
  readonly error: TaskError;
}

/** Of one attempt at a task. */
export const taskLimit = (seconds: number): TimeLimit => ({
  ms: seconds * 1000,
  error: { type: TASK_ERRORS.timedOut, message: `the task took longer than its timeout of ${seconds} s` },
});

/** A module may read what its tasks share while it is loaded, once a thread: that takes no task's time. In seconds. */
const LOAD_SECONDS = 60;

/** Of loading an application for the first task of a thread. */
export const loadLimit = (timeoutSeconds: number): TimeLimit => {
  const seconds = Math.max(LOAD_SECONDS, timeoutSeconds);
  return {
    ms: seconds * 1000,
    error: { type: TASK_ERRORS.timedOut, message: `the application took longer than ${seconds} s to load` },
  };
};
