import { randomUUID } from "node:crypto";
import { AwsFault } from "../aws-json.ts";
import { executionArn } from "./arns.ts";
import { startExecution } from "./engine/execution.ts";
import { MAX_HISTORY_EVENTS } from "./engine/run.ts";
import type { ExecutionPlan, Services, Started } from "./engine/services.ts";
import { type Machine, machineOf } from "./machine.ts";
import { summarize } from "./records/progress.ts";
import { redriveStatusOf } from "./records/redrive-status.ts";
import type { RecordStore } from "./records/store.ts";
import type { ExecutionRecord } from "./records/types.ts";
import { checkInput, checkName } from "./start-input.ts";

/** How long a redrive's client token is remembered [RedriveExecution API]. */
const REDRIVE_TOKEN_MS = 15 * 60 * 1000;

/** Starts, stops and redrives executions; there is one of it in a local cloud. */
export class Executions {
  readonly machines = new Map<string, Machine>();
  readonly store: RecordStore;
  readonly #services: Services;
  readonly #changed: (record: ExecutionRecord) => void;
  readonly #running = new Map<string, Started>();
  /** The machine of each execution of this process, as it was when the execution started. */
  readonly #machineOf = new Map<string, Machine>();

  /** Redrives that read the history before they go on. */
  readonly #redriving = new Map<string, Promise<void>>();
  #closing = false;
  /** The latest redrive of each execution of this process. */
  readonly #redrives = new Map<string, { readonly clientToken: string | undefined; readonly redriveDate: number }>();

  /** @param options.changed called when the status of an execution (not of a Map Run's child) changes. */
  constructor(options: {
    store: RecordStore;
    services: Omit<Services, "run" | "store">;
    changed: (record: ExecutionRecord) => void;
  }) {
    this.store = options.store;
    this.#changed = options.changed;
    this.#services = { ...options.services, store: options.store, run: (plan) => this.#run(plan) };
  }

  /** Creates a state machine, or gives it a new definition. @throws InvalidDefinition */
  deploy(given: { name: string; definition: string; roleArn: string }): Machine {
    const machine = machineOf(
      given,
      [...this.machines.values()].find(({ name }) => name === given.name),
    );
    this.machines.set(machine.arn, machine);
    return machine;
  }

  /**
   * Starts an execution. Repeating it with the same name and input while that one runs gives the same execution.
   * @throws AwsFault InvalidName, InvalidExecutionInput, ExecutionAlreadyExists.
   */
  start(wanted: { machine: Machine; name?: string | undefined; input: string }): ExecutionRecord {
    const { machine, input, name = randomUUID() } = wanted;
    checkName(name);
    checkInput(input);
    const arn = executionArn(machine.name, name);
    const existing = this.store.executions.get(arn);
    if (existing?.status === "RUNNING" && existing.input === input) return existing;
    if (existing !== undefined) {
      const message = `Execution Already Exists: '${arn}' is ${existing.status}; names are not used twice`;
      throw new AwsFault("ExecutionAlreadyExists", message);
    }
    const record: ExecutionRecord = {
      executionArn: arn,
      stateMachineArn: machine.arn,
      name,
      status: "RUNNING",
      startDate: Date.now(),
      redriveCount: 0,
      input,
    };
    this.#refuseWhenClosing();
    this.#run(this.#plan(machine, record));
    this.store.flush();
    return record;
  }

  /**
   * Goes on where an unsuccessful execution ended. An execution of an earlier process goes on with the definition its
   * state machine has now: the old one names ports that are gone.
   * @param clientToken repeating a redrive with the same token within 15 minutes changes nothing.
   * @returns when it was redriven, in milliseconds since 1970.
   * @throws AwsFault ExecutionNotRedrivable
   */
  async redrive(closed: ExecutionRecord, clientToken?: string): Promise<number> {
    const repeated = this.#redrives.get(closed.executionArn);
    if (clientToken !== undefined && repeated?.clientToken === clientToken) {
      if (Date.now() - repeated.redriveDate < REDRIVE_TOKEN_MS) return repeated.redriveDate;
    }
    const { redriveStatus, redriveStatusReason } = redriveStatusOf(closed);
    const refuse = (why: string) => new AwsFault("ExecutionNotRedrivable", `${closed.executionArn}: ${why}`);
    if (redriveStatus === "REDRIVABLE_BY_MAP_RUN") {
      throw refuse("it is a child of a Map Run: redrive the execution with the Map state");
    }
    if (redriveStatus === "NOT_REDRIVABLE") throw refuse(redriveStatusReason ?? redriveStatus);
    const machine = this.machineOf(closed);
    if (machine === undefined) throw refuse(`its state machine ${closed.stateMachineArn} does not exist`);
    const { stopDate, error, cause, output, ...rest } = closed;
    const redriveDate = Date.now();
    const redriveCount = closed.redriveCount + 1;
    const record: ExecutionRecord = { ...rest, status: "RUNNING", redriveCount, redriveDate };
    this.#refuseWhenClosing();
    // At once, so that a second redrive finds it running.
    this.store.executions.set(record.executionArn, record);
    const resuming = summarize(this.store.history(record.executionArn)).then((resume) => {
      if (resume.lastEventId >= MAX_HISTORY_EVENTS - 1) {
        this.store.executions.set(closed.executionArn, closed);
        throw refuse(
          `its history has ${resume.lastEventId} events, a redrive needs less than ${MAX_HISTORY_EVENTS - 1}`,
        );
      }
      this.#redrives.set(record.executionArn, { clientToken, redriveDate });
      this.#run({ ...this.#plan(machine, record), resume });
      this.store.flush();
    });
    this.#redriving.set(record.executionArn, resuming);
    await resuming.finally(() => this.#redriving.delete(record.executionArn));
    return redriveDate;
  }

  /** Ends an execution, or a Map Run's child; one that is over stays as it is. */
  async stop(
    record: ExecutionRecord,
    reason: { error?: string | undefined; cause?: string | undefined },
  ): Promise<number> {
    await this.#redriving.get(record.executionArn);
    const started = this.#running.get(record.executionArn);
    if (started === undefined) return record.stopDate ?? Date.now();
    started.cancel({ kind: "stopped", ...reason });
    const closed = await started.finished;
    return closed.stopDate ?? Date.now();
  }

  /** The machine an execution started with; for one of an earlier process, the machine as it is now. */
  machineOf(record: ExecutionRecord): Machine | undefined {
    return this.#machineOf.get(record.executionArn) ?? this.machines.get(record.stateMachineArn);
  }

  /** Ends all timers and waits; records stay RUNNING. Nothing can be started afterwards. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#redriving.values());
    const running = [...this.#running.values()];
    for (const started of running) started.cancel({ kind: "closing" });
    await Promise.all(running.map(({ finished }) => finished));
  }

  #refuseWhenClosing(): void {
    if (this.#closing) throw new AwsFault("ServiceUnavailable", "the local Step Functions is closing", { status: 503 });
  }

  #plan(machine: Machine, record: ExecutionRecord): ExecutionPlan {
    this.#machineOf.set(record.executionArn, machine);
    return {
      machine,
      group: machine.definition,
      record,
      timeoutSeconds: machine.definition.TimeoutSeconds,
      append: (line) => this.store.appendHistory(record.executionArn, line),
      save: (changed) => {
        this.store.saveExecution(changed);
        if (changed.status !== "RUNNING") this.store.closeHistory(changed.executionArn);
        this.#changed(changed);
      },
    };
  }

  #run(plan: ExecutionPlan): Started {
    const started = startExecution(this.#services, plan);
    const arn = plan.record.executionArn;
    this.#running.set(arn, started);
    started.finished.then(() => this.#running.delete(arn));
    return started;
  }
}
