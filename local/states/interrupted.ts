import { countOf } from "./map/map-run.ts";
import { summarize } from "./records/progress.ts";
import type { RecordStore } from "./records/store.ts";
import type { ExecutionRecord, MapRunRecord } from "./records/types.ts";

const ERROR = "LocalGrid.Stopped";

const CAUSE = "The local grid ended while the execution was running. Redrive the execution to go on where it was.";

/** Whether the end of a process was the end of an execution, and nobody has redriven it since. */
export const endedWithItsProcess = ({ status, error }: ExecutionRecord): boolean =>
  status === "ABORTED" && error === ERROR;

/**
 * Marks what ran when the last process ended as ABORTED, so that it can be redriven.
 * @returns the executions, oldest first; children of Map Runs are aborted with theirs.
 */
export const abortInterrupted = async (store: RecordStore): Promise<ExecutionRecord[]> => {
  const stopDate = Date.now();
  for (const mapRun of store.mapRuns.values()) {
    if (mapRun.status === "RUNNING") await abortMapRun(store, mapRun, stopDate);
  }
  const interrupted: ExecutionRecord[] = [];
  for (const record of [...store.executions.values()]) {
    if (record.status !== "RUNNING") continue;
    const { executionArn } = record;
    const { lastEventId } = await summarize(store.history(executionArn));
    const details = { error: ERROR, cause: CAUSE };
    store.appendHistory(executionArn, {
      event: {
        timestamp: stopDate,
        type: "ExecutionAborted",
        id: lastEventId + 1,
        previousEventId: lastEventId,
        executionAbortedEventDetails: details,
      },
    });
    store.closeHistory(executionArn);
    const aborted: ExecutionRecord = { ...record, status: "ABORTED", stopDate, ...details };
    store.saveExecution(aborted);
    interrupted.push(aborted);
  }
  store.flush();
  return interrupted.sort((one, other) => one.startDate - other.startDate);
};

/** Its record may be older than its children's: the counts are made anew. */
const abortMapRun = async (store: RecordStore, record: MapRunRecord, stopDate: number): Promise<void> => {
  store.updateMapRun({ ...record, status: "ABORTED", stopDate });
  const children = await store.children(record.mapRunArn);
  const counts = {
    ...record.counts,
    pending: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    timedOut: 0,
    aborted: 0,
    pendingRedrive: 0,
  };
  for (const { status } of children.summaries.values()) counts[countOf(status)] += 1;
  counts.pending = Math.max(0, counts.total - children.summaries.size);
  store.saveMapRun({ ...record, status: "ABORTED", stopDate, counts });
};
