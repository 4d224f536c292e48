import { AwsFault } from "../../aws-json.ts";
import { lastPart } from "../arns.ts";
import type { Executions } from "../executions.ts";
import type { Machine } from "../machine.ts";
import type { HistoryLine } from "../records/progress.ts";
import type { ExecutionRecord, MapRunRecord } from "../records/types.ts";

/** Finds what an ARN names; a Map Run's children too. */
export class Lookup {
  readonly #executions: Executions;

  constructor(executions: Executions) {
    this.#executions = executions;
  }

  /** @throws AwsFault StateMachineDoesNotExist */
  machine(arn: string): Machine {
    const machine = this.#executions.machines.get(arn);
    if (machine === undefined) throw new AwsFault("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }

  /** @throws AwsFault ExecutionDoesNotExist */
  async execution(arn: string): Promise<ExecutionRecord> {
    const record = this.#executions.store.executions.get(arn) ?? (await this.#child(arn));
    if (record === undefined) throw new AwsFault("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return record;
  }

  /** @throws AwsFault ResourceNotFound */
  mapRun(arn: string): MapRunRecord {
    const record = this.#executions.store.mapRuns.get(arn);
    if (record === undefined) throw new AwsFault("ResourceNotFound", `Map Run Does Not Exist: '${arn}'`);
    return record;
  }

  /** The machine an execution runs, or a child's parent. @throws AwsFault StateMachineDoesNotExist */
  machineOf(record: ExecutionRecord): Machine {
    const { store } = this.#executions;
    const parent =
      record.mapRunArn === undefined ? record : store.executions.get(this.mapRun(record.mapRunArn).executionArn);
    const machine = this.#executions.machineOf(parent ?? record);
    return machine ?? this.machine(record.stateMachineArn);
  }

  async *history(record: ExecutionRecord): AsyncGenerator<HistoryLine> {
    const { store } = this.#executions;
    if (record.mapRunArn === undefined) yield* store.history(record.executionArn);
    else yield* (await store.children(record.mapRunArn)).history(record.name);
  }

  /** A child's ARN names its Map state, not its Map Run: the runs of that state are looked through, newest first. */
  async #child(arn: string): Promise<ExecutionRecord | undefined> {
    const { store } = this.#executions;
    const machineArn = arn.slice(0, arn.lastIndexOf(":")).replace(":execution:", ":stateMachine:");
    for (const { mapRunArn, stateMachineArn } of [...store.mapRuns.values()].reverse()) {
      if (stateMachineArn !== machineArn) continue;
      const children = await store.children(mapRunArn);
      if (children.summaries.has(lastPart(arn))) return children.find(lastPart(arn));
    }
    return undefined;
  }
}
