import { Stack } from "aws-cdk-lib";
import type { IVpc } from "aws-cdk-lib/aws-ec2";
import type { Construct } from "constructs";
import type { Grid } from "#grid/config.ts";
import { type GridKeys, Keys } from "./foundation/keys.ts";
import { Network, zoneNames } from "./foundation/network.ts";

/** What all other stacks stand on: the network and the keys. */
export class FoundationStack extends Stack {
  readonly vpc: IVpc;
  readonly keys: GridKeys;
  private readonly zones: string[];

  constructor(scope: Construct, id: string, { grid }: { readonly grid: Grid }) {
    super(scope, id, {
      stackName: `${grid.name}-foundation`,
      description: `Burstgrid "${grid.name}": network and encryption keys`,
    });
    this.zones = zoneNames(grid.network);
    this.keys = new Keys(this, "Keys", { grid: grid.name });
    this.vpc = new Network(this, "Network", { network: grid.network, logsKey: this.keys.logs }).vpc;
  }

  /** Without account and region a stack has two zones, for CDK cannot look them up; the config says how many there are. */
  override get availabilityZones(): string[] {
    return this.zones;
  }
}
