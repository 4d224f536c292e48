import { describeStatus, statusOf } from "./job-status.ts";
import { getJob, openLedger } from "./services.ts";
import { reach, type TargetOptions } from "./target.ts";

export async function status(jobId: string, options: TargetOptions & { readonly json?: boolean }): Promise<void> {
  await reach(options);
  const found = statusOf(await getJob(await openLedger(), jobId));
  process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : describeStatus(found, Date.now()));
}
