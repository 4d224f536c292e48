// npm start [-- --keep]: the local grid, a job on it, its result. With --keep the grid stays up.
import { Effect } from "effect";
import type { LedgerShape } from "#grid/ledger.ts";
import type { LocalGrid } from "#local/grid.ts";
import type { Risk } from "../examples/value-at-risk/risk.ts";
import { callsSince, callTable } from "./call-counts.ts";
import { DEFAULT_CONFIG, DEFAULT_PORT, DEFAULT_STATE } from "./defaults.ts";
import { CliError, EXIT } from "./errors.ts";
import { explain } from "./explain.ts";
import { showProgress } from "./follow.ts";
import { interruptedLine, jobsOf } from "./interrupted.ts";
import { describeStatus, type JobStatus, secondsOf } from "./job-status.ts";
import { openLocalGrid } from "./local-grid.ts";
import { outliveClosedPipe } from "./output.ts";
import { putRequest } from "./put-request.ts";
import { newJobId } from "./request.ts";
import { getJob, openLedger, openObjects } from "./services.ts";
import { stopRequest } from "./stop-request.ts";
import { reachLocal } from "./target.ts";
import { count, duration, rounded } from "./text.ts";

const APPLICATION = "value-at-risk";

const say = (line = "") => void process.stdout.write(`${line}\n`);
const warn = (message: string) => void process.stderr.write(`burstgrid: ${message}\n`);

async function start(keep: boolean): Promise<number> {
  const stop = stopRequest();
  const begun = performance.now();
  const grid = await openGrid();
  reachLocal(grid.endpoint, grid.names);
  say(`burstgrid ready ${grid.endpoint}`);
  say(
    `The grid of ${DEFAULT_CONFIG} is up after ${duration((performance.now() - begun) / 1000)}; its records are in ${DEFAULT_STATE}.`,
  );
  try {
    const ledger = await openLedger();
    if (grid.interrupted.length > 0) warn(interruptedLine(await jobsOf(ledger, grid.interrupted), false));
    const ended = await Promise.race([runJob(grid, ledger), stop.reason]);
    if (typeof ended === "string") throw new CliError(`stopped by ${ended} before the job had ended`);
    sayWhereNext(ended, grid, keep);
    if (keep) await stop.reason;
    return ended.state === "SUCCEEDED" ? EXIT.ok : EXIT.failed;
  } finally {
    await grid.stop();
  }
}

/** On port 4600, or on any other where that is taken. */
async function openGrid(): Promise<LocalGrid> {
  const options = { config: DEFAULT_CONFIG, state: DEFAULT_STATE, warn };
  try {
    return await openLocalGrid({ ...options, port: DEFAULT_PORT });
  } catch (error) {
    const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
    if (cause?.code !== "EADDRINUSE") throw error;
    warn(`port ${DEFAULT_PORT} is taken by something else: using a free one`);
    return openLocalGrid({ ...options, port: 0 });
  }
}

async function runJob(grid: LocalGrid, ledger: LedgerShape): Promise<JobStatus> {
  const jobId = newJobId(APPLICATION, new Date());
  const callsBefore = grid.calls();
  say(`\nJob ${jobId}: one event on the bus "${grid.names.bus}".`);
  await putRequest(grid.names.bus, { application: APPLICATION, jobId });

  const ended = await showProgress(ledger, jobId, process.stdout);
  const calls = callsSince(callsBefore, grid.calls());
  if (ended.state === "SUCCEEDED") {
    const seconds = secondsOf(ended, Date.now());
    const tasks = ended.tasks.total ?? 0;
    sayResult(JSON.parse(await readResult(ledger, jobId)));
    say(
      `\n${count(tasks)} tasks in ${duration(seconds)}, ${rounded(tasks / seconds)} tasks/s. AWS calls over the wire, by service:\n`,
    );
    process.stdout.write(callTable(calls));
  } else {
    process.stderr.write(describeStatus(ended, Date.now()));
  }
  return ended;
}

async function readResult(ledger: LedgerShape, jobId: string): Promise<string> {
  const { merged } = await getJob(ledger, jobId);
  if (merged === undefined) throw new CliError(`job ${jobId} succeeded without the result of a merge`);
  return Effect.runPromise((await openObjects()).text(merged.key));
}

function sayResult(risk: Risk): void {
  const dollars = (amount: number) => `$${Math.round(amount).toLocaleString("en-US")}`;
  say(`\n${JSON.stringify(risk, undefined, 2)}\n`);
  say(
    `Of ${count(risk.paths)} simulated futures of ${risk.horizonDays} days, one in a hundred loses more than ${dollars(risk.valueAtRisk)}`,
  );
  say(
    `(value at risk at ${risk.confidencePercent} %), and those lose ${dollars(risk.expectedShortfall)} on average (expected shortfall).`,
  );
}

function sayWhereNext({ jobId }: JobStatus, { endpoint }: LocalGrid, keep: boolean): void {
  const commands: readonly (readonly [string, string])[] = [
    ...(keep
      ? []
      : ([["npx burstgrid up", "the same grid again, this job in its records; then, in another terminal:"]] as const)),
    [`npx burstgrid status ${jobId}`, "the job"],
    [`npx burstgrid results ${jobId} | head -3`, "its tasks' results"],
    ["npx burstgrid submit prime-count --wait", "a job in Python, if there is a python3"],
    ["examples/value-at-risk/README.md", "why this result is right"],
  ];
  say("\nWhere next:\n");
  const width = Math.max(...commands.map(([command]) => command.length));
  for (const [command, does] of commands) say(`  ${command.padEnd(width)}  ${does}`);
  if (keep) say(`\nThe grid stays up at ${endpoint}; Ctrl-C stops it.`);
}

outliveClosedPipe();
try {
  process.exitCode = await start(process.argv.includes("--keep"));
} catch (error) {
  const { message, exitCode } = explain(error);
  warn(message);
  process.exitCode = exitCode;
}
