import { Duration } from "effect";
import type { Grid } from "#grid/config.ts";
import { gracePeriodSeconds } from "#grid/grace.ts";
import { largestQuantity } from "./quantity.ts";

export type Application = Grid["applications"][string];

/** How long Kubernetes waits between SIGTERM and SIGKILL, in seconds. */
export const gracePeriodOf = (applications: readonly Application[]): number =>
  gracePeriodSeconds(
    applications.map(({ task }) => Duration.toSeconds(Duration.fromInputUnsafe(task.timeout as Duration.Input))),
  );

/** Any worker of a pool may run any of its applications: it gets the most that one of them asks for. */
export function workerResources(applications: readonly Application[]) {
  const cpu = largestQuantity(applications.map(({ resources }) => resources.cpu)) ?? "1";
  const memory = largestQuantity(applications.map(({ resources }) => resources.memory)) ?? "2Gi";
  return { requests: { cpu, memory }, limits: { memory } };
}
