import { randomUUID } from "node:crypto";
import { ACCOUNT, REGION } from "../names.ts";
import { redriveStatusOf } from "./records/redrive-status.ts";
import type { ExecutionRecord } from "./records/types.ts";

/** Bytes of input and output an event has room for [Step Functions guide, cw-events]. */
const MAX_EVENT_DATA_BYTES = 248 * 1024;

/** The event Step Functions puts on the default bus when the status of an execution changes. Dates in milliseconds. */
export interface StatusChange {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": "Step Functions Execution Status Change";
  readonly source: "aws.states";
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: {
    readonly executionArn: string;
    readonly stateMachineArn: string;
    readonly stateMachineVersionArn: null;
    readonly stateMachineAliasArn: null;
    readonly name: string;
    readonly status: ExecutionRecord["status"];
    readonly startDate: number;
    readonly stopDate: number | null;
    readonly input: string | null;
    readonly inputDetails: { readonly included: boolean };
    readonly output: string | null;
    readonly outputDetails: { readonly included: boolean } | null;
    readonly error: string | null;
    readonly cause: string | null;
    readonly redriveCount: number;
    readonly redriveDate: number | null;
    readonly redriveStatus: string;
    readonly redriveStatusReason: string | null;
  };
}

/** Input goes first when both are too long for an event, then output. */
export const statusChangeOf = (record: ExecutionRecord, now = Date.now()): StatusChange => {
  const { input, output } = record;
  const outputBytes = output === undefined ? 0 : escapedBytes(output);
  const withOutput = outputBytes <= MAX_EVENT_DATA_BYTES;
  const withInput = escapedBytes(input) + (withOutput ? outputBytes : 0) <= MAX_EVENT_DATA_BYTES;
  const { redriveStatus, redriveStatusReason = null } = redriveStatusOf(record);
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Step Functions Execution Status Change",
    source: "aws.states",
    account: ACCOUNT,
    time: `${new Date(now).toISOString().slice(0, 19)}Z`,
    region: REGION,
    resources: [record.executionArn],
    detail: {
      executionArn: record.executionArn,
      stateMachineArn: record.stateMachineArn,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      name: record.name,
      status: record.status,
      startDate: record.startDate,
      stopDate: record.stopDate ?? null,
      input: withInput ? input : null,
      inputDetails: { included: withInput },
      output: withOutput ? (output ?? null) : null,
      outputDetails: output === undefined ? null : { included: withOutput },
      error: record.error ?? null,
      cause: record.cause ?? null,
      redriveCount: record.redriveCount,
      redriveDate: record.redriveDate ?? null,
      redriveStatus,
      redriveStatusReason,
    },
  };
};

const escapedBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;
