import type { S3Client } from "@aws-sdk/client-s3";
import type { Integrations } from "../integrations/index.ts";
import type { StateGroup } from "../language/types.ts";
import type { Machine } from "../machine.ts";
import type { HistoryLine, Progress } from "../records/progress.ts";
import type { RecordStore } from "../records/store.ts";
import type { ExecutionRecord } from "../records/types.ts";
import type { CancelReason } from "./cancellation.ts";
import type { TaskTokens } from "./tokens.ts";

/** An execution that was set going. */
export interface Started {
  /** Its record when it is over; never rejects. A record still RUNNING means that the process is closing. */
  readonly finished: Promise<ExecutionRecord>;
  cancel(reason: CancelReason): void;
}

/** What an execution is to be, and where its records go. */
export interface ExecutionPlan {
  readonly machine: Machine;
  readonly group: StateGroup;
  readonly record: ExecutionRecord;
  /** Where a redriven execution goes on. */
  readonly resume?: { readonly progress: Progress | undefined; readonly lastEventId: number };
  /** Seconds this attempt may take. */
  readonly timeoutSeconds?: number | undefined;
  save(record: ExecutionRecord): void;
  append(line: HistoryLine): void;
}

/** What executions use of the world around them. */
export interface Services {
  readonly tokens: TaskTokens;
  readonly integrations: Integrations;
  readonly store: RecordStore;
  /** The S3 client, made when first needed. */
  s3(): Promise<S3Client>;
  /** Sets an execution going. */
  run(plan: ExecutionPlan): Started;
}
