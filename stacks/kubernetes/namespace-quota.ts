import { quantityValue } from "./quantity.ts";

/** Pods that may exist at a time, and what each asks for (Kubernetes quantities). */
export interface PodGroup {
  readonly pods: number;
  readonly requests: { readonly cpu: string; readonly memory: string; readonly gpu?: number };
  /** Memory limit of each. */
  readonly limit: string;
}

/** Pods of an old template drain while those of the new one start: each group may be there twice. */
const GENERATIONS = 2;
const MEBI = 2 ** 20;

/** The hard limits of a ResourceQuota that all the groups fit in. Nothing in the namespace is a Service or claims a volume of its own. */
export function namespaceQuota(groups: readonly PodGroup[]): Record<string, string> {
  const sum = (each: (group: PodGroup) => number) =>
    groups.reduce((total, group) => total + GENERATIONS * group.pods * each(group), 0);
  return {
    pods: String(sum(() => 1)),
    "requests.cpu": String(Math.ceil(sum(({ requests }) => quantityValue(requests.cpu)))),
    "requests.memory": `${Math.ceil(sum(({ requests }) => quantityValue(requests.memory)) / MEBI)}Mi`,
    "limits.memory": `${Math.ceil(sum(({ limit }) => quantityValue(limit)) / MEBI)}Mi`,
    "requests.nvidia.com/gpu": String(sum(({ requests }) => requests.gpu ?? 0)),
    persistentvolumeclaims: "1",
    services: "0",
  };
}
