import { RemovalPolicy } from "aws-cdk-lib";
import type { Cluster } from "aws-cdk-lib/aws-eks-v2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct, type IDependable } from "constructs";
import { NAMESPACE } from "#grid/names.ts";
import { LogShipper } from "./log-shipper.ts";

interface PodLogsProps {
  readonly cluster: Cluster;
  readonly grid: string;
  readonly days: RetentionDays;
  readonly key: IKey;
  readonly mirror: string | undefined;
  /** Nodes and add-ons, without which no pod runs. */
  readonly after: IDependable;
}

/** Log group of masters and workers. */
export const podLogName = (grid: string) => `/${grid}/pods`;

/** What masters and workers log, and the metrics among it, in CloudWatch. */
export class PodLogs extends Construct {
  constructor(scope: Construct, id: string, { cluster, grid, days, key, mirror, after }: PodLogsProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Log", {
      logGroupName: podLogName(grid),
      encryptionKey: key,
      retention: days,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new LogShipper(this, "Shipper", {
      cluster,
      name: "log-shipper",
      namespace: `${NAMESPACE}-logs`,
      logGroup,
      containers: `*_${NAMESPACE}_*`,
      mirror,
    }).node.addDependency(after);
  }
}
