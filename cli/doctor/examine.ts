import type { LoadedGrid } from "#grid/load-config.ts";
import { judgeAddresses, plannedAddresses } from "./addresses.ts";
import type { Account } from "./aws.ts";
import { CONCURRENCY_CODE, judgeConcurrency, judgeCount, networkQuotas } from "./counted-quotas.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";
import { checkImages } from "./images.ts";
import { instanceTypesOf, judgeOfferings, zonesOf } from "./instance-types.ts";
import { judgeLaunch } from "./launch.ts";
import { BOOTSTRAP_STACK, judgeStacks, stackNames } from "./stack-states.ts";
import { askVault } from "./vault-health.ts";
import { judgeVcpus, vcpuNeeds } from "./vcpu-quotas.ts";

/** Everything that can be found out about a grid in an account. Nothing that is asked changes anything. */
export async function examine(loaded: LoadedGrid, account: Account, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { grid } = loaded;
  const here = [...judgeLaunch(grid), ...(await checkImages(loaded, env)), ...(await examineVault(loaded))];
  const access = await examineAccess(account);
  if (access.some(({ level }) => level === "fail")) return [...access, ...here];
  const examinations: readonly (readonly [about: string, () => Promise<Finding[]>])[] = [
    ["stacks", () => examineStacks(loaded, account)],
    ["instance types", () => examineZones(loaded, account)],
    ["vCPU quotas", () => examineVcpus(loaded, account)],
    ["network quotas", () => examineNetwork(loaded, account)],
    ["Lambda quota", async () => [judgeConcurrency(await account.quota("lambda", CONCURRENCY_CODE))]],
  ];
  const there = await Promise.all(examinations.map(([about, run]) => run().catch((error) => [notSeen(about, error)])));
  return [...access, ...there.flat(), ...here];
}

async function examineAccess(account: Account): Promise<Finding[]> {
  try {
    const region = await account.region();
    const { account: id, arn } = await account.identity();
    return [ok("credentials", `account ${id} as ${arn}`), ok("region", region)];
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return [fail("credentials", says, "set AWS credentials and AWS_REGION, e.g. `aws configure sso` and AWS_PROFILE")];
  }
}

async function examineStacks({ grid }: LoadedGrid, account: Account): Promise<Finding[]> {
  const names = [BOOTSTRAP_STACK, ...stackNames(grid)];
  const states = await Promise.all(names.map(async (name) => [name, await account.stackState(name)] as const));
  return judgeStacks(grid, new Map(states));
}

async function examineZones({ grid }: LoadedGrid, account: Account): Promise<Finding[]> {
  const zones = zonesOf(grid, await account.zones());
  return judgeOfferings(grid, zones, await account.offerings(instanceTypesOf(grid)));
}

async function examineVcpus({ grid }: LoadedGrid, account: Account): Promise<Finding[]> {
  const needs = vcpuNeeds(grid, await account.vcpus(grid.cluster.systemNodes.instanceTypes));
  return Promise.all(needs.map(async (need) => judgeVcpus(need, await account.quota("ec2", need.code))));
}

/** A network that is there has its free addresses; one that is not has to fit into the account's quotas. */
async function examineNetwork({ grid }: LoadedGrid, account: Account): Promise<Finding[]> {
  const subnets = await account.freeAddresses(grid.name);
  if (subnets.length > 0) return judgeAddresses(grid, subnets);
  const used = { vpcs: await account.vpcCount(), addresses: await account.elasticAddressCount() };
  const quotas = networkQuotas(grid, used).map(async (need) =>
    judgeCount(need, await account.quota(need.service, need.code)),
  );
  const planned = plannedAddresses(grid, zonesOf(grid, await account.zones()));
  return [...(await Promise.all(quotas)), ...judgeAddresses(grid, planned)];
}

async function examineVault({ grid }: LoadedGrid): Promise<Finding[]> {
  if (grid.vault === undefined) return [];
  if ("address" in grid.vault) return [await askVault(grid.vault.address)];
  return [ok("vault", "the grid's own, in its cluster: an alarm tells when it is sealed")];
}

const notSeen = (about: string, error: unknown): Finding => {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  return warn(about, `not looked at: ${name}: ${message}`, "run this with credentials that may read it");
};
