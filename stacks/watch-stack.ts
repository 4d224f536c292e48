import { Stack } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Bucket, type IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Grid } from "#grid/config.ts";
import { podLogName } from "./cluster/pod-logs.ts";
import type { GridStack } from "./grid-stack.ts";
import { AlarmTopic } from "./watch/alarm-topic.ts";
import { Dashboard } from "./watch/dashboard.ts";
import { addFileSystemAlarm } from "./watch/file-system-alarm.ts";
import { addFunctionAlarms } from "./watch/function-alarms.ts";
import { GridAlarms } from "./watch/grid-alarms.ts";
import { Guard } from "./watch/guard.ts";
import { addMachineAlarms } from "./watch/machine-alarms.ts";
import { addQueueAlarms } from "./watch/queue-alarms.ts";
import { Spending } from "./watch/spending.ts";
import { Trail } from "./watch/trail.ts";
import { VaultAlarm } from "./watch/vault-alarm.ts";
import { deadLetterQueues, functions, logGroupNames } from "./watch/watched.ts";

interface WatchStackProps {
  readonly grid: Grid;
  readonly gridStack: GridStack;
  /** Other stacks that are watched. */
  readonly others: readonly Stack[];
  /** Encrypts the alarm topic and the trail. */
  readonly key: IKey;
  /** Bucket that buckets log to. */
  readonly accessLogs: IBucket;
  readonly fileSystemId: string;
}

/** Who is told when something is wrong, where to look, who did what, and what it costs. */
export class WatchStack extends Stack {
  constructor(scope: Construct, id: string, props: WatchStackProps) {
    const { grid, gridStack, others, key, accessLogs, fileSystemId } = props;
    super(scope, id, {
      stackName: `${grid.name}-watch`,
      description: `Burstgrid "${grid.name}": alarms, dashboard, trail, budget`,
    });
    const { name, watch } = grid;
    const watched = [gridStack, ...others];
    // What alarms and filters name has to be there.
    for (const stack of watched) this.addStackDependency(stack);

    const topic = new AlarmTopic(this, "Topic", { grid: name, key, watch });
    const alarms = new GridAlarms(this, "Alarms", { grid: name, topic, runbook: watch.runbook });
    addQueueAlarms(alarms, grid, deadLetterQueues(watched));
    addMachineAlarms(alarms, grid, gridStack.machine.arn);
    addFunctionAlarms(alarms, name, functions(watched));
    addFileSystemAlarm(alarms, grid, fileSystemId);
    if (grid.vault !== undefined && !("address" in grid.vault)) new VaultAlarm(this, "Vault", { grid: name, alarms });

    new Dashboard(this, "Dashboard", {
      grid: name,
      stateMachineArn: gridStack.machine.arn,
      functions: functions(watched),
      alarms: alarms.alarms,
      pools: Object.keys(grid.pools),
      logGroupNames: [...logGroupNames(watched), podLogName(name)],
    });
    new Trail(this, "Trail", {
      grid: name,
      key,
      accessLogs,
      trail: watch.trail,
      bucket: Bucket.fromBucketName(this, "JobBucket", gridStack.store.bucketName),
    });
    new Spending(this, "Spending", { grid: name, watch, topic });
    new Guard(this, "Guard", { grid: name, guard: watch.guard });
  }
}
