import type { HistoryEvent as SdkHistoryEvent } from "@aws-sdk/client-sfn";

type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE";

export type MapRunStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";

/** One execution as it is listed: without its input and output. Dates are milliseconds since 1970. */
export interface ExecutionSummary {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly redriveCount: number;
  readonly redriveDate?: number;
  /** Of a child execution: the Map Run it belongs to and the item it works on, from 0. */
  readonly mapRunArn?: string;
  readonly index?: number;
}

/** One execution as it is described. */
export interface ExecutionRecord extends ExecutionSummary {
  /** JSON text. */
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** Children of a Map Run by what became of them [DescribeMapRun API]. */
export interface MapRunCounts {
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly aborted: number;
  readonly total: number;
  readonly resultsWritten: number;
  readonly failuresNotRedrivable: number;
  readonly pendingRedrive: number;
}

export interface MapRunRecord {
  readonly mapRunArn: string;
  /** Of the execution with the Map state. */
  readonly executionArn: string;
  /** With the Map's label, e.g. `…:stateMachine:grid-job/chunks`. */
  readonly stateMachineArn: string;
  readonly status: MapRunStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly maxConcurrency: number;
  readonly toleratedFailurePercentage: number;
  readonly toleratedFailureCount: number;
  readonly counts: MapRunCounts;
  readonly redriveCount: number;
  readonly redriveDate?: number;
}

/** The details members of a history event, named as in the API. */
export type EventDetails = Omit<SdkHistoryEvent, "id" | "type" | "timestamp" | "previousEventId">;

export type EventType = NonNullable<SdkHistoryEvent["type"]>;

/** One event of an execution's history; `timestamp` in milliseconds since 1970. */
export type HistoryEvent = EventDetails & {
  readonly timestamp: number;
  readonly type: EventType;
  readonly id: number;
  readonly previousEventId: number;
};
