import { Effect } from "effect";
import type { LaunchInput } from "#state-machines/payloads.ts";
import { KubernetesRefused } from "./errors.ts";
import { EXECUTION_ANNOTATION, tokenOf } from "./master-job.ts";
import { MasterJobs } from "./master-jobs.ts";

/**
 * Creates the Job of a master, which ends the state itself with the token in its environment. An event of Lambda that comes twice finds the
 * Job of the first; the Job's name has the number of the state's try in it, so only a foreign one could have another token.
 */
export const launchJob = Effect.fnUntraced(function* ({ job, executionArn, token }: LaunchInput) {
  const jobs = yield* MasterJobs;
  const { metadata } = job;
  const annotations = { ...metadata.annotations, [EXECUTION_ANNOTATION]: executionArn };
  const outcome = yield* jobs.create({ ...job, metadata: { ...metadata, annotations } });
  if (outcome === "created") return;
  if (tokenOf(yield* jobs.find(metadata.name)) === token) return;
  return yield* new KubernetesRefused({
    message: `Job ${metadata.name}: there is one already, which was started for another state`,
  });
});
