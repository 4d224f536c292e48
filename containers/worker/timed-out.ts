import { TASK_ERRORS } from "#grid/result-row.ts";
import { TaskFailure } from "./task-failure.ts";

export const timedOut = (seconds: number) =>
  new TaskFailure(TASK_ERRORS.timedOut, `the task took longer than its timeout of ${seconds} s`);
