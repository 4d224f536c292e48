import { Duration } from "effect";
import type { Grid } from "#grid/config.ts";
import { largestQuantity } from "./quantity.ts";

export type Application = Grid["applications"][string];

/** A draining worker may finish the task at hand; beyond an hour it hands it back instead. */
const LONGEST_GRACE_SECONDS = 3600;
/** For the last completion and the hand-back, on top of the longest task. */
const GRACE_MARGIN_SECONDS = 30;

/** How long Kubernetes waits between SIGTERM and SIGKILL, in seconds. */
export function gracePeriodSeconds(applications: readonly Application[]): number {
  const timeouts = applications.map(({ task }) =>
    Math.ceil(Duration.toSeconds(Duration.fromInputUnsafe(task.timeout as Duration.Input))),
  );
  return Math.min(LONGEST_GRACE_SECONDS, Math.max(0, ...timeouts) + GRACE_MARGIN_SECONDS);
}

/** Any worker of a pool may run any of its applications: it gets the most that one of them asks for. */
export function workerResources(applications: readonly Application[]) {
  const cpu = largestQuantity(applications.map(({ resources }) => resources.cpu)) ?? "1";
  const memory = largestQuantity(applications.map(({ resources }) => resources.memory)) ?? "2Gi";
  return { requests: { cpu, memory }, limits: { memory } };
}
