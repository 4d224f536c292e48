import type { TaskContext } from "./task-context.ts";

/** A task under way, as the program that does it sees it. */
export interface TaskCall {
  /** The task's JSON. */
  readonly line: string;
  readonly context: TaskContext;
  /** Called when the task's time is over. Set by a program that holds what outlives its thread. */
  onEnd: (() => void) | undefined;
}

/** Does one task of an application; answers the JSON of its output, and rejects with what its outcome says. */
export type TaskProgram = (call: TaskCall) => Promise<string>;
