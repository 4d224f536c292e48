import { Stack } from "aws-cdk-lib";
import type { IVpc } from "aws-cdk-lib/aws-ec2";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Grid } from "#grid/config.ts";
import { AccessLogs } from "./foundation/access-logs.ts";
import { type GridKeys, Keys } from "./foundation/keys.ts";
import { Network, zoneNames } from "./foundation/network.ts";

/** What all other stacks stand on: the network, the keys, and the bucket that buckets log to. */
export class FoundationStack extends Stack {
  readonly vpc: IVpc;
  readonly keys: GridKeys;
  readonly accessLogs: IBucket;
  /** Ids of the private subnets, one a zone in the order of the zones. */
  readonly computeSubnets: readonly string[];
  private readonly zones: string[];

  constructor(scope: Construct, id: string, { grid }: { readonly grid: Grid }) {
    super(scope, id, {
      stackName: `${grid.name}-foundation`,
      description: `Burstgrid "${grid.name}": network, encryption keys, access logs`,
    });
    this.zones = zoneNames(grid.network);
    this.keys = new Keys(this, "Keys", { grid: grid.name });
    this.accessLogs = new AccessLogs(this, "AccessLogs", {
      grid: grid.name,
      days: grid.storage.accessLogDays,
    }).bucket;
    this.vpc = new Network(this, "Network", { network: grid.network, logsKey: this.keys.logs }).vpc;
    this.computeSubnets = this.vpc.selectSubnets({ subnetGroupName: "compute" }).subnetIds;
  }

  /** Without account and region a stack has two zones, for CDK cannot look them up; the config says how many there are. */
  override get availabilityZones(): string[] {
    return this.zones;
  }
}
