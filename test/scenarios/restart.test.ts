import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobStatus } from "#cli/job-status.ts";
import { nothingLeftOf, type UpProcess, up } from "./command-line.ts";
import { eventually } from "./eventually.ts";
import { processesNaming } from "./processes.ts";
import { allow, runsIn, seeRuns, sharedFolder } from "./shared-folder.ts";
import { newStateFolder } from "./state-folder.ts";

const JOB = "interrupted";
const TASKS = 12;
/** Waits for the file `go`, the last of the first of three chunks: with two workers the other chunks are done all the same. */
const WAITING = 3;
const FIRST_OF_OTHER_CHUNKS = 4;

let state: Awaited<ReturnType<typeof newStateFolder>>;
let running: UpProcess | undefined;

beforeEach(async () => {
  state = await newStateFolder();
});

afterEach(async () => {
  await running?.end("SIGKILL");
  running = undefined;
  await nothingLeftOf(state.path);
  await state[Symbol.asyncDispose]();
});

const statusOf = async (grid: UpProcess): Promise<JobStatus> =>
  JSON.parse((await grid.run("status", JOB, "--json")).stdout);

/** Brings the job to its middle: the tasks of two chunks have results, one waits. */
async function startJob(grid: UpProcess): Promise<void> {
  const tasks = Array.from({ length: TASKS }, (_, index) => ({
    bring: index,
    ...(index === WAITING && { after: "go" }),
  }));
  const file = `${state.path}/tasks.jsonl`;
  await writeFile(file, tasks.map((task) => `${JSON.stringify(task)}\n`).join(""));
  const { code, stderr } = await grid.run("submit", "errands", "--job-id", JOB, "--tasks", file);
  expect(code, stderr).toBe(0);
  await eventually(async () =>
    expect((await statusOf(grid)).tasks.succeeded).toBeGreaterThanOrEqual(TASKS - FIRST_OF_OTHER_CHUNKS),
  );
  await seeRuns(sharedFolder(state.path, JOB), TASKS - FIRST_OF_OTHER_CHUNKS + WAITING + 1);
}

/** Ends the grid the hard way, in the middle of the job. */
async function killed(): Promise<void> {
  const grid = await up(state.path);
  running = grid;
  await startJob(grid);
  await grid.end("SIGKILL");
  await nothingLeftOf(state.path);
}

const succeeded = async (grid: UpProcess) =>
  eventually(async () => expect(await statusOf(grid)).toMatchObject({ state: "SUCCEEDED" }));

/** Each index once, and nothing was run again that had its result before the grid was killed. */
async function expectExactEnd(grid: UpProcess): Promise<void> {
  const shared = sharedFolder(state.path, JOB);
  await allow(shared, "go");
  await succeeded(grid);
  expect(await statusOf(grid)).toMatchObject({ tasks: { total: TASKS, succeeded: TASKS, failed: 0 }, error: null });
  const { stdout } = await grid.run("results", JOB);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows).toEqual(Array.from({ length: TASKS }, (_, index) => ({ index, output: index })));
  const ran = (await runsIn(shared)).map(({ index }) => index).filter((index) => index >= FIRST_OF_OTHER_CHUNKS);
  expect(ran.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: TASKS - FIRST_OF_OTHER_CHUNKS }, (_, at) => FIRST_OF_OTHER_CHUNKS + at),
  );
}

describe("after a grid was killed in the middle of a job", () => {
  test("`up --resume` brings the job to an exact end", async () => {
    await killed();
    running = await up(state.path, "--resume");
    expect(running.output.stderr).toMatch(new RegExp(`goes on: ${JOB}`));
    await expectExactEnd(running);
  });

  test("`up` starts cleanly, says what became of the job, and a later `up --resume` goes on with it", async () => {
    await killed();
    running = await up(state.path);
    expect(running.output.stderr).toMatch(new RegExp(`was aborted .*: ${JOB}`));
    await eventually(async () =>
      expect(await statusOf(running!)).toMatchObject({
        state: "CANCELLED",
        error: { type: "LocalGrid.Stopped", message: expect.stringMatching(/redrive/i) },
      }),
    );
    await running.end("SIGINT");

    running = await up(state.path, "--resume");
    expect(running.output.stderr).toMatch(new RegExp(`goes on: ${JOB}`));
    await expectExactEnd(running);
  });
});

test("Ctrl-C in the middle of a job ends every process that the grid started, and frees the port", async () => {
  const grid = await up(state.path);
  running = grid;
  await startJob(grid);
  const [{ pid }] = await seeRuns(sharedFolder(state.path, JOB), 1);
  expect((await processesNaming(state.path)).map((each) => each.pid)).toContain(pid);

  const { stderr } = await grid.end("SIGINT");
  expect(stderr).toMatch(/stopping \(SIGINT\)/);
  expect(await processesNaming(state.path)).toEqual([]);
  expect(isAlive(pid)).toBe(false);
  await listenOnce(Number(new URL(grid.endpoint).port));
});

test("a grid that is stopped in order loses nothing: the next one has its jobs and results", async () => {
  const first = await up(state.path);
  running = first;
  await allow(sharedFolder(state.path, JOB), "go");
  await startJob(first);
  await succeeded(first);
  const { stdout: before } = await first.run("results", JOB);
  await first.end("SIGTERM");

  running = await up(state.path);
  expect(running.output.stderr).not.toContain(JOB);
  expect((await running.run("results", JOB)).stdout).toBe(before);
  const runs = await runsIn(sharedFolder(state.path, JOB));
  expect(runs.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: TASKS }, (_, at) => at),
  );
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Rejects when the port is in use. */
const listenOnce = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  });
