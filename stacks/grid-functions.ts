import { Duration } from "aws-cdk-lib";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { ENV } from "#grid/names.ts";
import type { Bundles } from "./bundle/bundle-grid.ts";
import type { HandlerName } from "./bundle/handlers.ts";
import { COLLECT_TIMEOUT, type CompletionQueues } from "./completion-queues.ts";
import type { GridKeys } from "./foundation/keys.ts";
import type { GridBus } from "./grid-bus.ts";
import { GridFunction } from "./grid-function.ts";
import type { JobMachine } from "./job-machine.ts";
import type { JobStore } from "./job-store.ts";
import type { Ledger } from "./ledger.ts";
import type { PoolQueues } from "./pool-queues.ts";

interface GridFunctionsProps {
  readonly grid: string;
  readonly bundles: Bundles;
  readonly keys: GridKeys;
  /** Days that their logs are kept. */
  readonly logDays: RetentionDays;
  readonly bus: GridBus;
  readonly store: JobStore;
  readonly ledger: Ledger;
  readonly taskQueues: readonly PoolQueues[];
  readonly completions: CompletionQueues;
}

/** The Lambdas of a job's life, each with what it needs and no more. */
export class GridFunctions extends Construct {
  readonly accept: GridFunction;
  readonly dispatch: GridFunction;
  readonly collect: GridFunction;
  readonly settle: GridFunction;
  readonly conclude: GridFunction;

  constructor(scope: Construct, id: string, props: GridFunctionsProps) {
    super(scope, id);
    const { bus, store, ledger, taskQueues, completions } = props;
    const make = (construct: string, name: HandlerName, timeout: Duration, memoryMegabytes?: number) =>
      new GridFunction(this, construct, {
        grid: props.grid,
        name,
        code: props.bundles.handler(name),
        timeout,
        keys: props.keys,
        logDays: props.logDays,
        ...(memoryMegabytes !== undefined && { memoryMegabytes }),
        environment: { [ENV.ledger]: ledger.tableName, [ENV.bucket]: store.bucketName, [ENV.bus]: bus.name },
      });

    this.accept = make("Accept", "accept", Duration.seconds(30));
    ledger.grantReadWrite(this.accept);
    store.grantRead(this.accept);
    store.grantWrite(this.accept);
    bus.grantPublish(this.accept);

    this.dispatch = make("Dispatch", "dispatch", Duration.minutes(2), 1024);
    ledger.grantReadWrite(this.dispatch);
    store.grantRead(this.dispatch);
    for (const queues of taskQueues) queues.grantSend(this.dispatch);

    this.collect = make("Collect", "collect", COLLECT_TIMEOUT, 1024);
    ledger.grantReadWrite(this.collect);
    store.grantWrite(this.collect);
    bus.grantPublish(this.collect);
    completions.readBy(this.collect);

    this.settle = make("Settle", "settle", Duration.minutes(15), 1024);
    ledger.grantReadWrite(this.settle);
    store.grantRead(this.settle);
    store.grantWrite(this.settle);

    this.conclude = make("Conclude", "conclude", Duration.minutes(1));
    ledger.grantReadWrite(this.conclude);
    bus.grantPublish(this.conclude);
  }

  /** Lets Dispatch and Collect end the states that wait for a chunk, and Conclude ask how an execution ended. */
  callBack(machine: JobMachine): void {
    machine.grantCallBack(this.dispatch);
    machine.grantCallBack(this.collect);
    machine.grantDescribe(this.conclude);
  }
}
