import { Effect } from "effect";
import type { JobRecord } from "#grid/job.ts";
import { CliError } from "./errors.ts";
import { writeBytes } from "./output.ts";
import { writeResults } from "./results.ts";
import { getJob, openLedger, openObjects } from "./services.ts";
import { reach, type TargetOptions } from "./target.ts";

export async function result(jobId: string, options: TargetOptions): Promise<void> {
  await reach(options);
  const job = await getJob(await openLedger(), jobId);
  requireSuccess(job);
  if (job.merged === undefined) return writeResults(job, false);
  const objects = await openObjects();
  await writeBytes(await Effect.runPromise(objects.stream(job.merged.key)), process.stdout);
}

/** Throws a CliError for a job that has no result, or none yet. */
export function requireSuccess({ jobId, state, error }: Pick<JobRecord, "jobId" | "state" | "error">): void {
  if (state === "SUCCEEDED") return;
  if (state === "FAILED" || state === "CANCELLED") {
    const why = error === undefined ? "" : `: ${error.type}: ${error.message}`;
    throw new CliError(
      `job ${jobId} has no result, it is ${state}${why}; what its tasks brought: burstgrid results ${jobId}`,
    );
  }
  throw new CliError(`job ${jobId} has no result yet, it is ${state}: burstgrid watch ${jobId}`);
}
