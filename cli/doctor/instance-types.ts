import { zoneCount } from "#grid/config/network.ts";
import type { Grid } from "#grid/config.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** Zones, by name, in which each instance type is offered. */
export type Offerings = ReadonlyMap<string, ReadonlySet<string>>;

/** The zones of the grid's network: those of the config, else the first ones that the account has. */
export const zonesOf = ({ network }: Grid, available: readonly string[]): readonly string[] =>
  typeof network.zones === "number" ? available.toSorted().slice(0, zoneCount(network)) : network.zones;

/** Every instance type that the config names. */
export const instanceTypesOf = (grid: Grid): string[] => [
  ...new Set([
    ...grid.cluster.systemNodes.instanceTypes,
    ...Object.values(grid.pools).flatMap(({ instanceTypes }) => instanceTypes),
  ]),
];

/** Whether the zones where nodes start offer what the config asks for. */
export function judgeOfferings(grid: Grid, zones: readonly string[], offerings: Offerings): Finding[] {
  const system = judge("system nodes", grid.cluster.systemNodes.instanceTypes, zones, offerings);
  const pools = Object.entries(grid.pools).map(([name, pool]) => {
    const used = pool.zones === "all" ? zones : zones.slice(grid.fileSystem.zone, grid.fileSystem.zone + 1);
    return judge(`pool ${name}`, pool.instanceTypes, used, offerings);
  });
  return [system, ...pools];
}

function judge(about: string, types: readonly string[], zones: readonly string[], offerings: Offerings): Finding {
  const missing = zones.flatMap((zone) =>
    types.filter((type) => !offerings.get(type)?.has(zone)).map((type) => ({ zone, type })),
  );
  if (missing.length === 0) return ok(about, `${types.join(", ")} in ${zones.join(", ")}`);
  const says = missing.map(({ zone, type }) => `${type} is not offered in ${zone}`).join("; ");
  const without = zones.filter((zone) => types.every((type) => !offerings.get(type)?.has(zone)));
  return without.length > 0
    ? fail(about, says, `name instance types that ${without.join(", ")} offers, or other zones in \`network.zones\``)
    : warn(about, says, "nodes start with the others; name more instance types if spot is short");
}
