import type { ExecutionSummary } from "./types.ts";

/** Whether an execution can be redriven, and why not. */
export interface RedriveStatus {
  readonly redriveStatus: "REDRIVABLE" | "NOT_REDRIVABLE" | "REDRIVABLE_BY_MAP_RUN";
  readonly redriveStatusReason?: string;
}

/** Failed, timed out and aborted executions can be redriven; a Map Run's children only with their parent. */
export const redriveStatusOf = ({ status, mapRunArn }: ExecutionSummary): RedriveStatus => {
  if (status === "RUNNING" || status === "SUCCEEDED" || status === "PENDING_REDRIVE") {
    return {
      redriveStatus: "NOT_REDRIVABLE",
      redriveStatusReason: `Execution is ${status} and cannot be redriven`,
    };
  }
  return { redriveStatus: mapRunArn === undefined ? "REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN" };
};
