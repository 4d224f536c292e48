import type { TaskError } from "#grid/completion.ts";
import type { ApplicationDefinition } from "#grid/definition.ts";
import type { Ranges } from "#grid/ranges.ts";

/** What a task thread is given when it starts. */
export interface ThreadData {
  /** Folder of the bundles. */
  readonly imageFolder: string;
  readonly applications: Readonly<Record<string, ApplicationDefinition>>;
  /** Mount point of the shared file system. */
  readonly sharedFolder: string;
  /** See thread-state.ts. */
  readonly state: SharedArrayBuffer;
  /** See journal.ts. */
  readonly journal: SharedArrayBuffer;
}

/** Tasks of one pack, which a thread runs one after another. */
export interface Run {
  readonly id: number;
  readonly job: string;
  readonly application: string;
  readonly attempt: number;
  /** Epoch milliseconds. */
  readonly deadline: number;
  readonly indexes: Ranges;
  /** The tasks' JSON, a line each. */
  readonly text: string;
}

/** The end of a task before it is done. */
export interface Ending {
  readonly ordinal: number;
  /** Its outcome; none for one that is given up, which will run again. */
  readonly error: TaskError | undefined;
}

export type ToThread =
  | { readonly kind: "run"; readonly run: Run }
  /** Ends the task at hand: aborts its signal, kills its command. */
  | ({ readonly kind: "end"; readonly run: number } & Ending)
  /** The worker drains: aborts the signal of the task at hand, which goes on. */
  | { readonly kind: "drain" }
  /** Answers `store`. */
  | { readonly kind: "stored"; readonly uri: string };

/** Outcomes of the next tasks of a run, in its order. */
export interface Outcomes {
  readonly count: number;
  /** Those that failed, by ordinal. */
  readonly failed: readonly { readonly ordinal: number; readonly error: TaskError }[];
  /** Rows of the others. */
  readonly rows: string;
  /** Wall time of them all, added. */
  readonly milliseconds: number;
}

export type FromThread =
  | { readonly kind: "outcomes"; readonly outcomes: Outcomes }
  /** An output too large for a row. The thread waits for `stored`. */
  | { readonly kind: "store"; readonly index: number; readonly json: Uint8Array }
  /** The run is over: tasks from ordinal `next` on were not begun. */
  | { readonly kind: "ended"; readonly next: number }
  /** The run cannot begin, by no fault of its tasks. */
  | { readonly kind: "broken"; readonly cause: TaskError }
  /** For the pod's stdout. */
  | { readonly kind: "line"; readonly line: string };
