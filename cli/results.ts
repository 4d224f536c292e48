import { isFinal, type JobRecord } from "#grid/job.ts";
import { writeLines } from "./output.ts";
import { getJob, openLedger, openResults } from "./services.ts";
import { reach, type TargetOptions } from "./target.ts";

export async function results(jobId: string, options: TargetOptions & { readonly failed?: boolean }): Promise<void> {
  await reach(options);
  const job = await getJob(await openLedger(), jobId);
  if (!isFinal(job.state)) process.stderr.write(`burstgrid: the job is ${job.state}: these are its results so far\n`);
  else if (job.plan === undefined) process.stderr.write("burstgrid: the job ended before it had tasks\n");
  await writeResults(job, options.failed ?? false);
}

/** A line a task, in task order, as they are read from S3. */
export async function writeResults(job: JobRecord, failedOnly: boolean): Promise<void> {
  await writeLines(linesOf(job, failedOnly), process.stdout);
}

async function* linesOf(job: JobRecord, failedOnly: boolean): AsyncGenerator<string> {
  if (job.plan === undefined) return;
  const store = await openResults();
  for await (const { line } of store.rows(job, { failedOnly, resolve: true })) yield line;
}
