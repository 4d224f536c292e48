import type { Grid } from "#grid/config.ts";
import { type Finding, fail, ok } from "./finding.ts";

/** AWS keeps five addresses of each subnet (VPC user guide, "Subnet sizing"). */
const RESERVED = 5;
/** A compute subnet is a quarter of the network's range. */
const QUARTER = 2;

/** A compute subnet and the IPv4 addresses that are free in it. */
export interface FreeAddresses {
  readonly zone: string;
  readonly free: number;
}

/** What the compute subnets will have before anything runs in them. */
export function plannedAddresses({ network }: Grid, zones: readonly string[]): FreeAddresses[] {
  const prefix = Number(network.cidr.split("/")[1]);
  return zones.map((zone) => ({ zone, free: 2 ** (32 - prefix - QUARTER) - RESERVED }));
}

/** Whether each pod of full pools and all masters would find an address; pods of a pool may all be in the file system's zone. */
export function judgeAddresses(grid: Grid, subnets: readonly FreeAddresses[]): Finding[] {
  const workers = Object.values(grid.pools).reduce((sum, { max }) => sum + max, 0);
  const needed = workers + grid.cluster.masters;
  return subnets.map(({ zone, free }) => {
    const about = `addresses ${zone}`;
    return free >= needed
      ? ok(about, `${free} free, full pools and masters take ${needed}`)
      : fail(
          about,
          `${free} free, but full pools and masters take ${needed}`,
          "lower `max` of the pools, or plan the network with a larger `network.cidr` before it is deployed",
        );
  });
}
