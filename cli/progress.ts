import { isFinal } from "#grid/job.ts";
import type { JobStatus } from "./job-status.ts";
import { count, duration, rounded } from "./text.ts";

/** How many tasks had an outcome at a time (epoch milliseconds). */
interface Sample {
  readonly at: number;
  readonly done: number;
}

/** What has been seen of a job, as far as its rate needs it. */
export interface Progress {
  readonly samples: readonly Sample[];
}

export const NOTHING_SEEN: Progress = { samples: [] };

/** The rate is that of the last ten seconds: what the job does now, without the jumps of single batches of completions. */
const RATE_WINDOW_MS = 10_000;

/** Takes in what a job looks like at `now`. A count that falls (a redrive runs failed tasks again) starts anew. */
export function observe({ samples }: Progress, { tasks }: JobStatus, now: number): Progress {
  const sample = { at: now, done: tasks.succeeded + tasks.failed };
  const last = samples.at(-1);
  if (last === undefined || sample.done < last.done) return { samples: [sample] };
  // The newest sample that is older than the window is its start.
  const start = samples.findLastIndex(({ at }) => at <= now - RATE_WINDOW_MS);
  return { samples: [...samples.slice(Math.max(0, start)), sample] };
}

/** Tasks a second, or undefined before the first have come in. */
export function rateOf({ samples }: Progress): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at || last.done <= first.done) return undefined;
  return ((last.done - first.done) / (last.at - first.at)) * 1000;
}

/** One line about a job, for a log. */
export function plainLine(status: JobStatus, progress: Progress): string {
  const { total } = status.tasks;
  if (total === null) return [status.state, ...failureOf(status)].join("  ");
  return [status.state, `${tally(status, total)} tasks`, ...rest(status, total, progress), ...failureOf(status)].join(
    "  ",
  );
}

/** The same with a bar, for a terminal of `columns`; never longer than it is wide. */
export function barLine(status: JobStatus, progress: Progress, columns: number): string {
  const { total } = status.tasks;
  if (total === null) return status.state.slice(0, columns);
  const state = status.state.padEnd(WIDEST_STATE);
  const after = [tally(status, total), percent(status, total), ...rest(status, total, progress)].join("  ");
  const room = columns - state.length - after.length - "  []  ".length;
  const bar = room < NARROWEST_BAR ? "" : `[${barOf(fraction(status, total), Math.min(room, WIDEST_BAR))}]  `;
  return `${state}  ${bar}${after}`.slice(0, columns);
}

const WIDEST_STATE = "SUCCEEDED".length;
const NARROWEST_BAR = 8;
const WIDEST_BAR = 40;

const barOf = (done: number, width: number) => {
  const full = Math.floor(done * width);
  return "█".repeat(full) + "░".repeat(width - full);
};

const doneOf = ({ tasks }: JobStatus) => tasks.succeeded + tasks.failed;
const fraction = (status: JobStatus, total: number) => (total === 0 ? 1 : Math.min(1, doneOf(status) / total));
const tally = (status: JobStatus, total: number) => `${count(doneOf(status))} / ${count(total)}`;
/** 100 % only when all are done. */
const percent = (status: JobStatus, total: number) =>
  `${String(Math.floor(fraction(status, total) * 100)).padStart(3)} %`;

function rest(status: JobStatus, total: number, progress: Progress): string[] {
  const rate = isFinal(status.state) ? undefined : rateOf(progress);
  const left = total - doneOf(status);
  return [
    ...(rate === undefined ? [] : [`${rounded(rate)} tasks/s`]),
    ...(rate === undefined || left <= 0 ? [] : [`${duration(left / rate)} left`]),
    ...(status.tasks.failed === 0 ? [] : [`${count(status.tasks.failed)} failed`]),
  ];
}

const failureOf = ({ error }: JobStatus): string[] => (error === null ? [] : [`${error.type}: ${error.message}`]);
