import { isFinal } from "#grid/job.ts";
import { showProgress } from "./follow.ts";
import { describeStatus, statusOf } from "./job-status.ts";
import { getJob, openLedger } from "./services.ts";
import { reach, type TargetOptions } from "./target.ts";

export async function watch(jobId: string, options: TargetOptions): Promise<void> {
  await reach(options);
  const ledger = await openLedger();
  const now = statusOf(await getJob(ledger, jobId));
  const ended = isFinal(now.state) ? now : await showProgress(ledger, jobId, process.stdout);
  process.stdout.write(describeStatus(ended, Date.now()));
}
