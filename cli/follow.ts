import { setTimeout as sleep } from "node:timers/promises";
import { isFinal } from "#grid/job.ts";
import type { LedgerShape } from "#grid/ledger.ts";
import { CliError } from "./errors.ts";
import { type JobStatus, statusOf } from "./job-status.ts";
import { barLine, NOTHING_SEEN, observe, type Progress, plainLine } from "./progress.ts";
import { findJob } from "./services.ts";

/** A job is in the ledger within a second or two; after a minute something is wrong. */
const RECORDED_WITHIN_MS = 60_000;

/** Milliseconds until the next look at a job that was watched for so long: short jobs are followed closely, long ones cheaply. */
const pollDelay = (watchedMs: number): number => (watchedMs < 10_000 ? 200 : 1_000);

/** What a job looks like, again and again, until it has ended. A job that is not recorded yet is waited for. */
async function* follow(ledger: LedgerShape, jobId: string): AsyncGenerator<JobStatus> {
  const start = Date.now();
  while (true) {
    const watched = Date.now() - start;
    const job = await findJob(ledger, jobId);
    if (job !== undefined) {
      const status = statusOf(job);
      yield status;
      if (isFinal(status.state)) return;
    } else if (watched > RECORDED_WITHIN_MS) {
      throw new CliError(
        `the bus took the request, but job "${jobId}" was not recorded within ${RECORDED_WITHIN_MS / 1000} s: ` +
          "look at the executions of the state machine grid-job and at the dead-letter queue of its rule",
      );
    }
    await sleep(pollDelay(watched));
  }
}

/** Follows a job to its end with its progress on `out`: one line that is drawn again on a terminal, else a line a change. */
export async function showProgress(ledger: LedgerShape, jobId: string, out: NodeJS.WriteStream): Promise<JobStatus> {
  const display = out.isTTY ? liveDisplay(out) : plainDisplay(out);
  let progress = NOTHING_SEEN;
  let last: JobStatus | undefined;
  try {
    for await (const status of follow(ledger, jobId)) {
      const now = Date.now();
      progress = observe(progress, status, now);
      display.show(status, progress, now);
      last = status;
    }
  } finally {
    display.end();
  }
  return last!;
}

interface Display {
  show(status: JobStatus, progress: Progress, now: number): void;
  end(): void;
}

const CLEAR_LINE = "\r\u001b[2K";

function liveDisplay(out: NodeJS.WriteStream): Display {
  return {
    // A column is left free: a full line would wrap on some terminals.
    show: (status, progress) => void out.write(`${CLEAR_LINE}${barLine(status, progress, out.columns - 1)}`),
    end: () => void out.write("\n"),
  };
}

/** A line when the state changes, else at most one every so often. */
const PLAIN_INTERVAL_MS = 2_000;

function plainDisplay(out: NodeJS.WriteStream): Display {
  let shown = { state: "", line: "", at: Number.NEGATIVE_INFINITY };
  return {
    show(status, progress, now) {
      const line = plainLine(status, progress);
      const due = status.state !== shown.state || (line !== shown.line && now - shown.at >= PLAIN_INTERVAL_MS);
      if (!due) return;
      out.write(`${line}\n`);
      shown = { state: status.state, line, at: now };
    },
    end: () => undefined,
  };
}
