import { Duration } from "effect";
import type { Grid } from "#grid/config.ts";
import { gracePeriodSeconds } from "#grid/grace.ts";
import type { PodGroup } from "./namespace-quota.ts";
import { largestQuantity } from "./quantity.ts";

export type Application = Grid["applications"][string];

/** How long Kubernetes waits between SIGTERM and SIGKILL, in seconds. */
export const gracePeriodOf = (applications: readonly Application[]): number =>
  gracePeriodSeconds(
    applications.map(({ task }) => Duration.toSeconds(Duration.fromInputUnsafe(task.timeout as Duration.Input))),
  );

/**
 * Any worker of a pool may run any of its applications: it gets the most that one of them asks for, and the devices of its pool (which
 * Kubernetes wants as limits).
 */
export function workerResources(
  applications: readonly Application[],
  { gpu, efa }: { readonly gpu: number; readonly efa: number },
) {
  const cpu = largestQuantity(applications.map(({ resources }) => resources.cpu)) ?? "1";
  const memory = largestQuantity(applications.map(({ resources }) => resources.memory)) ?? "2Gi";
  const devices = {
    ...(gpu > 0 && { "nvidia.com/gpu": String(gpu) }),
    ...(efa > 0 && { "vpc.amazonaws.com/efa": String(efa) }),
  };
  return { requests: { cpu, memory, ...devices }, limits: { memory, ...devices } };
}

/** All the workers that a pool may have. */
export function workerGroup(
  pool: { readonly max: number; readonly gpu: number; readonly efa: number },
  applications: readonly Application[],
): PodGroup {
  const { cpu, memory } = workerResources(applications, pool).requests;
  return { pods: pool.max, requests: { cpu, memory, gpu: pool.gpu }, limit: memory };
}
