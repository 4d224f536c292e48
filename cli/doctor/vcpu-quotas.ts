import type { Grid } from "#grid/config.ts";
import { quantityValue } from "#stacks/kubernetes/quantity.ts";
import { workerGroup } from "#stacks/kubernetes/worker-needs.ts";
import { type Finding, ok, warn } from "./finding.ts";

/** Codes of the quotas on vCPUs that run at a time (Service Quotas, service `ec2`), by class of instance types. */
export interface VcpuQuota {
  readonly name: string;
  readonly onDemand: string;
  /** None: the class has no spot instances. */
  readonly spot?: string;
}

const QUOTAS: readonly (VcpuQuota & { readonly families: RegExp })[] = [
  { name: "G and VT", families: /^(g|vt)\d/, onDemand: "L-DB2E81BA", spot: "L-3819A6DF" },
  { name: "P", families: /^p\d/, onDemand: "L-417A185B", spot: "L-7212CCBC" },
  { name: "Inf", families: /^inf\d/, onDemand: "L-1945791B", spot: "L-B5D1601B" },
  { name: "Trn", families: /^trn\d/, onDemand: "L-2C3B7624", spot: "L-6B0D517C" },
  { name: "X", families: /^x\d/, onDemand: "L-7295265B", spot: "L-E3A00192" },
  { name: "HPC", families: /^hpc\d/, onDemand: "L-F7808C92" },
  { name: "Standard", families: /^[acdhimrtz]\d/, onDemand: "L-1216C47A", spot: "L-34B43A08" },
];

/** The quotas that an instance type such as `c7i.2xlarge` counts against; none for a class that this table lacks. */
export const quotaOf = (instanceType: string): VcpuQuota | undefined =>
  QUOTAS.find(({ families }) => families.test(instanceType));

/** How many vCPUs of which quota the grid takes when all its pools are full. */
export interface VcpuNeed {
  readonly code: string;
  readonly name: string;
  readonly vcpus: number;
}

/**
 * What the grid takes when all pools are full and all spot shares are met, added up by quota.
 * @param vcpusOf vCPUs of the system nodes' instance types.
 */
export function vcpuNeeds(grid: Grid, vcpusOf: ReadonlyMap<string, number>): VcpuNeed[] {
  const needs = new Map<string, VcpuNeed>();
  const add = (code: string | undefined, name: string, vcpus: number) => {
    if (code === undefined || vcpus === 0) return;
    needs.set(code, { code, name, vcpus: Math.ceil(vcpus + (needs.get(code)?.vcpus ?? 0)) });
  };
  const { instanceTypes, max } = grid.cluster.systemNodes;
  const system = quotaOf(instanceTypes[0]!);
  add(system?.onDemand, `on-demand ${system?.name} instances`, max * (vcpusOf.get(instanceTypes[0]!) ?? 0));
  for (const [name, pool] of Object.entries(grid.pools)) {
    const quota = quotaOf(pool.instanceTypes[0]!);
    if (quota === undefined) continue;
    const applications = Object.values(grid.applications).filter((application) => application.pool === name);
    const { pods, requests } = workerGroup(pool, applications);
    const vcpus = pods * quantityValue(requests.cpu);
    const spot = quota.spot === undefined ? 0 : pool.spotPercent / 100;
    add(quota.spot, `spot ${quota.name} instances`, vcpus * spot);
    add(quota.onDemand, `on-demand ${quota.name} instances`, vcpus * (1 - spot));
  }
  return [...needs.values()];
}

/** Whether a quota lets the grid grow as far as its config says. */
export function judgeVcpus({ code, name, vcpus }: VcpuNeed, quota: number): Finding {
  const about = `quota ${code}`;
  return vcpus <= quota
    ? ok(about, `${name}: ${quota} vCPUs, full pools take ${vcpus}`)
    : warn(
        about,
        `${name}: ${quota} vCPUs, but full pools take ${vcpus}`,
        `ask for more: aws service-quotas request-service-quota-increase --service-code ec2 --quota-code ${code} --desired-value ${vcpus}`,
      );
}
