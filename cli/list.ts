import { Effect } from "effect";
import { type JobStatus, secondsOf, statusOf } from "./job-status.ts";
import { openLedger } from "./services.ts";
import { reach, type TargetOptions } from "./target.ts";
import { count, duration, table } from "./text.ts";

/** Jobs that one listing shows. */
const LIMIT = 100;

export async function list(options: TargetOptions & { readonly json?: boolean }): Promise<void> {
  await reach(options);
  const ledger = await openLedger();
  const jobs = (await Effect.runPromise(ledger.listJobs(LIMIT))).map(statusOf);
  if (jobs.length === LIMIT) process.stderr.write(`burstgrid: these are the newest ${LIMIT} jobs\n`);
  process.stdout.write(options.json ? `${JSON.stringify(jobs)}\n` : listing(jobs, Date.now()));
}

const HEADER = ["JOB", "APPLICATION", "STATE", "TASKS", "FAILED", "SUBMITTED", "TOOK"];

/** For people: a line a job below a header. */
export function listing(jobs: readonly JobStatus[], now: number): string {
  if (jobs.length === 0) return "no jobs yet: `burstgrid submit APP` starts one\n";
  return table([
    HEADER,
    ...jobs.map((job) => [
      job.jobId,
      job.application,
      job.state,
      job.tasks.total === null ? "" : count(job.tasks.total),
      count(job.tasks.failed),
      job.submittedAt,
      duration(secondsOf(job, now)),
    ]),
  ]);
}
