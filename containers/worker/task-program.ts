import type { Command } from "../command.ts";
import type { TaskContext } from "./task-context.ts";

/** A task under way, as the program that does it sees it. */
export interface TaskCall {
  /** The task's JSON. */
  readonly line: string;
  readonly context: TaskContext;
  /** Tells of a process that does the task: it is killed when the task's time is over. */
  readonly onStarted: (command: Command) => void;
}

/** Does one task of an application; answers the JSON of its output, and rejects with what its outcome says. */
export type TaskProgram = (call: TaskCall) => Promise<string>;
