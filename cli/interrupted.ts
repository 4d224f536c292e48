import { Effect } from "effect";
import type { LedgerShape } from "#grid/ledger.ts";

/** Enough to have every job that ran when the last grid of a folder ended. */
const LOOKED_AT = 1_000;

/** The jobs of executions; one without a job (it ended before Accept had recorded it) goes by its own ARN. */
export async function jobsOf(ledger: LedgerShape, executionArns: readonly string[]): Promise<string[]> {
  const jobs = await Effect.runPromise(ledger.listJobs(LOOKED_AT));
  const byExecution = new Map(jobs.map(({ executionArn, jobId }) => [executionArn, jobId]));
  return executionArns.map((arn) => byExecution.get(arn) ?? arn);
}

/** What became of jobs that ran when the last grid of this folder ended. */
export function interruptedLine(jobs: readonly string[], resumed: boolean): string {
  const what = `${jobs.length === 1 ? "a job" : `${jobs.length} jobs`} ran when the last grid of this folder ended`;
  const now = resumed
    ? `${jobs.length === 1 ? "goes" : "go"} on`
    : `${jobs.length === 1 ? "was" : "were"} aborted (\`burstgrid up --resume\` goes on with such jobs)`;
  return `${what} and ${now}: ${jobs.join(", ")}`;
}
