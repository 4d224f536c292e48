import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect } from "effect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JobRequest } from "#grid/events.ts";
import { run } from "./run.ts";
import { jobRecord, openSmallCloud, type SmallCloud } from "./small-cloud.ts";

let cloud: SmallCloud;
let folder: string;
beforeAll(async () => {
  cloud = await openSmallCloud("cli-test");
  folder = await mkdtemp(join(tmpdir(), "burstgrid-cli-files-"));
});
afterAll(async () => {
  await cloud.close();
  await rm(folder, { recursive: true });
});

const command = (...args: string[]) => run(...args, "--endpoint", cloud.endpoint, "--grid", cloud.grid);

const file = async (name: string, content: string): Promise<string> => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};

/** The detail of the one event of a job. */
const requestOf = async (jobId: string): Promise<JobRequest> => {
  const details = (await cloud.received()).map(({ detail }) => detail as JobRequest);
  const [detail, ...more] = details.filter((one) => one.jobId === jobId);
  expect(more).toEqual([]);
  return detail!;
};

const objectAt = (uri: string) => Effect.runPromise(cloud.objects.text(uri));

test("a command says on stderr which grid it speaks to", async () => {
  expect((await command("list")).stderr).toContain(`burstgrid: local grid at ${cloud.endpoint}\n`);
});

test("a grid that is not there is an error that names it", async () => {
  const ran = await run("list", "--endpoint", cloud.endpoint, "--grid", "elsewhere");
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain('there is no grid "elsewhere"');
});

test("the only grid of a local endpoint needs no name", async () => {
  expect(await run("list", "--endpoint", cloud.endpoint)).toMatchObject({ code: 0 });
});

test("an endpoint where nothing listens is an error that says so", async () => {
  const ran = await run("list", "--endpoint", "http://127.0.0.1:1");
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("http://127.0.0.1:1");
});

describe("submit", () => {
  test("puts one event on the bus and prints the job's id alone on stdout", async () => {
    const { code, stdout } = await command("submit", "pricing");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^pricing-\d{8}-\d{6}-[0-9a-f]{10}\n$/);
    expect(await requestOf(stdout.trim())).toEqual({ application: "pricing", jobId: stdout.trim() });
  });

  test("passes on id, input, priority and tags, and with --json prints the event's id too", async () => {
    const { stdout } = await command(
      ...["submit", "pricing", "--job-id", "j-1", "--input", '{"n": 1}', "--priority", "high"],
      ...["--tag", "desk=fx", "--tag", "note=a=b", "--json"],
    );
    const tags = { desk: "fx", note: "a=b" };
    expect(await requestOf("j-1")).toEqual({
      application: "pricing",
      jobId: "j-1",
      input: { n: 1 },
      priority: "high",
      tags,
    });
    const eventId = (await cloud.received()).at(-1)!["id"];
    expect(JSON.parse(stdout)).toEqual({ jobId: "j-1", eventId });
  });

  test("reads the input from a file", async () => {
    await command("submit", "pricing", "--job-id", "j-file", "--input", `@${await file("input.json", '[1, "é"]')}`);
    expect((await requestOf("j-file")).input).toEqual([1, "é"]);
  });

  test("sends few tasks inside the event, blank lines left out", async () => {
    await command(
      "submit",
      "pricing",
      "--job-id",
      "j-inline",
      "--tasks",
      await file("few.jsonl", '{"a":1}\r\n\n2\n \n"x"'),
    );
    expect((await requestOf("j-inline")).tasks).toEqual([{ a: 1 }, 2, "x"]);
  });

  test("sends many tasks through the grid's bucket, byte for byte", async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `{"i": ${i}, "big": 12345678901234567890}\n`).join("");
    await command("submit", "pricing", "--job-id", "j-many", "--tasks", await file("many.jsonl", lines));
    const request = await requestOf("j-many");
    expect(request).toEqual({
      application: "pricing",
      jobId: "j-many",
      tasksUri: `s3://${cloud.bucket}/jobs/j-many/upload/tasks.jsonl`,
    });
    expect(await objectAt(request.tasksUri!)).toBe(lines);
  });

  test("sends a large input through the grid's bucket", async () => {
    const input = JSON.stringify("x".repeat(200_000));
    await command("submit", "pricing", "--job-id", "j-large", "--input", `@${await file("large.json", input)}`);
    const request = await requestOf("j-large");
    expect(request.input).toBeUndefined();
    expect(await objectAt(request.inputUri!)).toBe(input);
  });

  test.each(["few", "many"])(
    "names the first broken line of a tasks file of %s lines, and sends nothing",
    async (size) => {
      const good = "0\n".repeat(size === "few" ? 2 : 100_000);
      const path = await file(`broken-${size}.jsonl`, `${good}{"a":\n1\n`);
      const before = (await cloud.received()).length;
      const ran = await command("submit", "pricing", "--tasks", path);
      expect(ran).toMatchObject({ code: 1, stdout: "" });
      expect(ran.stderr).toContain(`--tasks ${path}, line ${size === "few" ? 3 : 100_001}: not JSON`);
      expect(await cloud.received()).toHaveLength(before);
    },
  );

  test.each([
    ["--tasks", "nowhere.jsonl"],
    ["--input", "@nowhere.json"],
  ])("%s %s is an error that names the file", async (option, value) => {
    const ran = await command("submit", "pricing", option, value);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain(`${option} ${value}: ENOENT`);
  });

  test("--wait exits with 0 for a job that succeeded", async () => {
    await cloud.record(jobRecord({ jobId: "j-ok", state: "SUCCEEDED", finishedAt: "2026-01-01T00:00:09.000Z" }));
    const ran = await command("submit", "pricing", "--job-id", "j-ok", "--wait");
    expect(ran).toMatchObject({ code: 0, stdout: "j-ok\n" });
    expect(ran.stderr).toContain("SUCCEEDED");
  });

  test("--wait exits with 1 for a job that failed, its error on stderr", async () => {
    const error = { type: "Grid.BadRequest", message: 'there is no application "nope"' };
    await cloud.record(jobRecord({ jobId: "j-bad", state: "FAILED", error }));
    const ran = await command("submit", "nope", "--job-id", "j-bad", "--wait", "--json");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('Grid.BadRequest: there is no application "nope"');
    expect(JSON.parse(ran.stdout)).toMatchObject({ jobId: "j-bad", status: { state: "FAILED", error } });
  });

  test("--wait waits for a job that is recorded and ends later", async () => {
    const waiting = command("submit", "pricing", "--job-id", "j-later", "--wait");
    await requestWhenThere("j-later");
    await cloud.record(jobRecord({ jobId: "j-later", state: "RUNNING" }));
    const resultUri = `s3://${cloud.bucket}/jobs/j-later/results.json`;
    const end = { state: "SUCCEEDED", redrive: 0, finishedAt: "2026-01-01T00:01:00.000Z", resultUri } as const;
    await Effect.runPromise(cloud.ledger.recordEnd("j-later", end));
    expect(await waiting).toMatchObject({ code: 0, stdout: "j-later\n" });
  });
});

const requestWhenThere = (jobId: string) =>
  expect.poll(async () => requestOf(jobId).catch(() => undefined)).toBeDefined();

describe("status", () => {
  const plan = { tasksKey: "t", chunksKey: "c", chunks: 2, total: 10, round: 0 };

  test("--json has exactly the documented fields, null where nothing is known", async () => {
    await cloud.record(jobRecord({ jobId: "s-new", state: "PENDING" }));
    const { code, stdout } = await command("status", "s-new", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      jobId: "s-new",
      application: "pricing",
      state: "PENDING",
      tasks: { total: null, succeeded: 0, failed: 0 },
      submittedAt: "2026-01-01T00:00:00.000Z",
      startedAt: null,
      finishedAt: null,
      executionArn: "arn:aws:states:us-east-1:000000000000:execution:grid-job:s-new",
      resultUri: null,
      error: null,
    });
  });

  test("for people has a line a known fact", async () => {
    const error = { type: "Grid.TasksFailed", message: "2 of 10 tasks failed" };
    await cloud.record(jobRecord({ jobId: "s-failed", state: "FAILED", plan, succeeded: 8, failed: 2, error }));
    const { stdout } = await command("status", "s-failed");
    expect(stdout).toContain("state:       FAILED\n");
    expect(stdout).toContain("tasks:       10: 8 succeeded, 2 failed\n");
    expect(stdout).toContain("error:       Grid.TasksFailed: 2 of 10 tasks failed\n");
    expect(stdout).not.toContain("null");
  });

  test("of an unknown job is an error that names it", async () => {
    const ran = await command("status", "s-nowhere");
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain('there is no job "s-nowhere"');
  });
});

test("list shows the newest job first, for people and as JSON", async () => {
  await cloud.record(jobRecord({ jobId: "l-older", submittedAt: "2031-01-01T00:00:00.000Z" }));
  await cloud.record(jobRecord({ jobId: "l-newer", submittedAt: "2032-01-01T00:00:00.000Z" }));
  const lines = (await command("list")).stdout.split("\n");
  expect(lines[0]).toMatch(/^JOB +APPLICATION +STATE +TASKS +FAILED +SUBMITTED +TOOK$/);
  expect(lines[1]).toMatch(/^l-newer +pricing +RUNNING/);
  expect(lines[2]).toMatch(/^l-older /);
  const jobs = JSON.parse((await command("list", "--json")).stdout);
  expect(jobs[0]).toMatchObject({ jobId: "l-newer", tasks: { total: null } });
});

test("watch of a job that has ended shows how it ended", async () => {
  await cloud.record(jobRecord({ jobId: "w-done", state: "SUCCEEDED" }));
  const ran = await command("watch", "w-done");
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("state:       SUCCEEDED");
});

describe("result", () => {
  test("prints the merged object byte for byte", async () => {
    const key = "jobs/r-merged/result/pod";
    await Effect.runPromise(cloud.objects.put(key, '{"sum":  6}\n\n'));
    await cloud.record(jobRecord({ jobId: "r-merged", state: "SUCCEEDED", merged: { key, bytes: 13 } }));
    expect(await command("result", "r-merged")).toMatchObject({ code: 0, stdout: '{"sum":  6}\n\n' });
  });

  test.each(["SPLITTING", "RUNNING", "MERGING"] as const)(
    "of a job that is %s is an error that says so",
    async (state) => {
      await cloud.record(jobRecord({ jobId: `r-${state}`, state }));
      const ran = await command("result", `r-${state}`);
      expect(ran).toMatchObject({ code: 1, stdout: "" });
      expect(ran.stderr).toContain(`has no result yet, it is ${state}`);
    },
  );

  test("of a failed job is its error", async () => {
    const error = { type: "Grid.SplitFailed", message: "exit code 3" };
    await cloud.record(jobRecord({ jobId: "r-failed", state: "FAILED", error }));
    const ran = await command("result", "r-failed");
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("it is FAILED: Grid.SplitFailed: exit code 3");
  });
});
