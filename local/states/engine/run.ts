import { StateFailure } from "../failure.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Machine } from "../machine.ts";
import type { HistoryLine } from "../records/progress.ts";
import type { EventDetails, EventType, ExecutionRecord } from "../records/types.ts";
import { Cancellation } from "./cancellation.ts";
import type { Services } from "./services.ts";

/** Events in the history of a STANDARD execution [Step Functions guide, service-quotas]. */
export const MAX_HISTORY_EVENTS = 25_000;

/** An execution while it runs: its history and how to end it from outside. */
export class ExecutionRun {
  readonly services: Services;
  readonly machine: Machine;
  readonly record: ExecutionRecord;
  readonly cancellation = new Cancellation();
  readonly #write: (line: HistoryLine) => void;
  #lastEventId: number;
  #context: JsonObject | undefined;

  /**
   * @param options.record as of the start of this attempt.
   * @param options.write takes each line of the history.
   * @param options.lastEventId of the attempts before, 0 for the first.
   */
  constructor(options: {
    services: Services;
    machine: Machine;
    record: ExecutionRecord;
    write: (line: HistoryLine) => void;
    lastEventId: number;
  }) {
    this.services = options.services;
    this.machine = options.machine;
    this.record = options.record;
    this.#write = options.write;
    this.#lastEventId = options.lastEventId;
  }

  get lastEventId(): number {
    return this.#lastEventId;
  }

  /**
   * Adds an event to the history and gives its id.
   * @throws StateFailure States.Runtime when only the event that ends the execution still fits.
   */
  append(
    type: EventType,
    details: EventDetails,
    previousEventId: number,
    beside: Omit<HistoryLine, "event"> = {},
  ): number {
    if (this.#lastEventId >= MAX_HISTORY_EVENTS - 1 && !type.startsWith("Execution")) {
      const reason = `The execution reached the maximum number of history events (${MAX_HISTORY_EVENTS}).`;
      throw new StateFailure("States.Runtime", reason);
    }
    this.#lastEventId += 1;
    const id = this.#lastEventId;
    this.#write({ event: { timestamp: Date.now(), type, id, previousEventId, ...details }, ...beside });
    return id;
  }

  /** The part of the context object that is the same in all states. */
  get context(): JsonObject {
    this.#context ??= contextOf(this.record, this.machine);
    return this.#context;
  }
}

const contextOf = (record: ExecutionRecord, machine: Machine): JsonObject => ({
  Execution: {
    Id: record.executionArn,
    Input: JSON.parse(record.input) as Json,
    Name: record.name,
    RoleArn: machine.roleArn,
    StartTime: new Date(record.startDate).toISOString(),
    RedriveCount: record.redriveCount,
    ...(record.redriveDate === undefined ? {} : { RedriveTime: new Date(record.redriveDate).toISOString() }),
  },
  StateMachine: {
    Id: record.stateMachineArn,
    Name: record.stateMachineArn.slice(record.stateMachineArn.lastIndexOf(":") + 1),
  },
});
