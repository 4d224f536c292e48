import { CfnOutput, Stack } from "aws-cdk-lib";
import type { IVpc } from "aws-cdk-lib/aws-ec2";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Grid } from "#grid/config.ts";
import type { Bundles } from "./bundle/bundle-grid.ts";
import type { GridCluster } from "./cluster-stack.ts";
import { CompletionQueues } from "./completion-queues.ts";
import type { GridKeys } from "./foundation/keys.ts";
import { GridBus } from "./grid-bus.ts";
import { GridFunctions } from "./grid-functions.ts";
import { IntakeFunction } from "./intake-function.ts";
import { JobMachine } from "./job-machine.ts";
import { JobRules } from "./job-rules.ts";
import { JobStore } from "./job-store.ts";
import { Launcher } from "./launcher.ts";
import { Ledger } from "./ledger.ts";
import { PoolImage } from "./pool-image.ts";
import { PoolQueues } from "./pool-queues.ts";

interface GridStackProps {
  readonly grid: Grid;
  readonly bundles: Bundles;
  readonly keys: GridKeys;
  /** Bucket that the grid's own logs its accesses to. */
  readonly accessLogs: IBucket;
  /** Where masters run. */
  readonly cluster: GridCluster;
  readonly vpc: IVpc;
}

/** A pool as other stacks see it: where its tasks wait and what its pods run. */
export interface GridPool {
  readonly queues: PoolQueues;
  readonly image: PoolImage;
}

/**
 * The grid: producer → bus → rules → state machine → Lambdas → task queues; completion queues → Collect → state machine.
 * Its pools of workers are the PoolsStack.
 */
export class GridStack extends Stack {
  readonly store: JobStore;
  readonly ledger: Ledger;
  readonly completions: CompletionQueues;
  readonly pools: ReadonlyMap<string, GridPool>;
  readonly machine: JobMachine;
  readonly intake: IntakeFunction;

  constructor(scope: Construct, id: string, { grid, bundles, keys, accessLogs, cluster, vpc }: GridStackProps) {
    super(scope, id, {
      stackName: `${grid.name}-grid`,
      description: `Burstgrid "${grid.name}": bus, rules, storage, queues, state machine and Lambdas`,
    });
    const key = keys.data;
    const { logDays } = grid.watch;
    const bus = new GridBus(this, "Bus", { grid: grid.name, settings: grid.bus, key });
    this.store = new JobStore(this, "Store", { grid: grid.name, settings: grid.storage, key, accessLogs });
    this.ledger = new Ledger(this, "Ledger", { grid: grid.name, key });
    this.completions = new CompletionQueues(this, "Completions", { grid: grid.name, key });
    this.pools = new Map(
      Object.keys(grid.pools).map((pool) => [
        pool,
        {
          queues: new PoolQueues(this, `Queues-${pool}`, { grid: grid.name, pool, key }),
          image: new PoolImage(this, `Image-${pool}`, { grid: grid.name, pool, folder: bundles.image(pool) }),
        },
      ]),
    );

    const functions = new GridFunctions(this, "Functions", {
      grid: grid.name,
      bundles,
      keys,
      logDays,
      bus,
      store: this.store,
      ledger: this.ledger,
      taskQueues: [...this.pools.values()].map(({ queues }) => queues),
      completions: this.completions,
    });
    const launcher =
      grid.cluster.endpoint === "private"
        ? new Launcher(this, "Launcher", { grid: grid.name, bundles, keys, logDays, vpc, cluster })
        : undefined;
    this.machine = new JobMachine(this, "Job", {
      grid: grid.name,
      definition: bundles.stateMachine,
      logDays,
      bus,
      store: this.store,
      ledger: this.ledger,
      functions,
      images: new Map([...this.pools].map(([pool, { image }]) => [pool, image.uri])),
      cluster,
      launcher,
      keys,
    });
    functions.callBack(this.machine);
    launcher?.callBack(this.machine);

    new JobRules(this, "Rules", { grid, bus, machine: this.machine, conclude: functions.conclude, key });

    this.intake = new IntakeFunction(this, "Intake", {
      grid: grid.name,
      intake: grid.intake,
      code: bundles.handler("intake"),
      keys,
      logDays,
      bus,
      store: this.store,
      ledger: this.ledger,
    });

    new CfnOutput(this, "BusName", { value: bus.name });
    new CfnOutput(this, "BucketName", { value: this.store.bucketName });
    new CfnOutput(this, "LedgerName", { value: this.ledger.tableName });
    new CfnOutput(this, "StateMachineArn", { value: this.machine.arn });
  }
}
