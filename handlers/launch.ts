import { Layer, Schema } from "effect";
import { StepFunctions } from "#grid/step-functions.ts";
import { LaunchInput, WatchInput } from "#state-machines/payloads.ts";
import { lambda } from "./lambda.ts";
import { launchJob } from "./launch/launch-job.ts";
import { MasterJobs } from "./launch/master-jobs.ts";
import { watchJobs } from "./launch/watch-jobs.ts";

/** In the VPC of a cluster whose API is private: the states Split and Merge, and every minute what `eks:runJob.sync` would look after. */
export const handler = lambda(Layer.mergeAll(MasterJobs.layer, StepFunctions.layer), {
  input: Schema.Union([LaunchInput, WatchInput]),
  output: Schema.Undefined,
  ids: (input) => ("job" in input ? { job: input.job.metadata.name, execution: input.executionArn } : {}),
  run: (input) => ("job" in input ? launchJob(input) : watchJobs),
});
