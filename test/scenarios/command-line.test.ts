import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { burstgrid, type UpProcess, up } from "./command-line.ts";
import { newStateFolder } from "./state-folder.ts";

let state: Awaited<ReturnType<typeof newStateFolder>>;

beforeAll(async () => {
  state = await newStateFolder();
  return () => state[Symbol.asyncDispose]();
});

describe("with a grid that runs", () => {
  let grid: UpProcess;

  beforeAll(async () => {
    grid = await up(state.path);
  });

  afterAll(async () => {
    await grid.end("SIGINT");
  });

  const lines = (text: string) =>
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));

  test("`up` prints one line on stdout, when jobs can be submitted", () => {
    expect(grid.output.stdout).toBe(`burstgrid ready ${grid.endpoint}\n`);
  });

  test("a job is submitted and waited for; status, results and result tell the same of it", async () => {
    const submitted = await grid.run(
      "submit",
      "squares",
      "--input",
      '{"tasks":15}',
      "--tag",
      "desk=a",
      "--wait",
      "--json",
    );
    expect(submitted).toMatchObject({ code: 0 });
    const { jobId, status } = JSON.parse(submitted.stdout);
    expect(status).toMatchObject({ state: "SUCCEEDED", tasks: { total: 15, succeeded: 15, failed: 0 }, error: null });
    expect(JSON.parse((await grid.run("status", jobId, "--json")).stdout)).toEqual(status);
    expect(lines((await grid.run("results", jobId)).stdout)).toEqual(
      Array.from({ length: 15 }, (_, index) => ({ index, output: index ** 2 })),
    );
    expect((await grid.run("results", jobId, "--failed")).stdout).toBe("");
    expect(JSON.parse((await grid.run("result", jobId)).stdout)).toEqual({ sum: 1015, inOrder: true });
    const listed = await grid.run("list", "--json");
    expect(listed.stdout).toContain(jobId);
  });

  test("`submit --wait` of a job that fails exits with 1, and `results --failed` lists what failed", async () => {
    const file = join(state.path, "tasks.jsonl");
    await writeFile(file, '{"bring":1}\n{"throwing":"no curve for EUR"}\n');
    const submitted = await grid.run("submit", "errands", "--job-id", "fails", "--tasks", file, "--wait");
    expect(submitted.code).toBe(1);
    expect(submitted.stdout).toBe("fails\n");
    expect(submitted.stderr).toMatch(/Grid\.TasksFailed.*no curve for EUR/);
    expect(lines((await grid.run("results", "fails", "--failed")).stdout)).toEqual([
      { index: 1, error: { type: "RangeError", message: "no curve for EUR" }, attempts: 3 },
    ]);
    expect((await grid.run("result", "fails")).code).toBe(1);
  });

  test("a second `up` in the same folder is refused, saying where the first is", async () => {
    const { code, stderr } = await burstgrid("up", "--port", "0", "--state", state.path);
    expect(code).toBe(1);
    expect(stderr).toContain(grid.endpoint);
  });
});

test("`up` on a port in use says which port", async () => {
  const other = createServer();
  await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const { code, stdout, stderr } = await burstgrid("up", "--port", String(port), "--state", state.path);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(new RegExp(`port ${port} is in use`));
});

test("`up` with a typo in the config says where it is", async () => {
  const config = join(state.path, "grid.config.json");
  await writeFile(
    config,
    JSON.stringify({ applications: { pricing: { task: { command: ["cat"], tiemout: "1 hour" } } } }),
  );
  const { code, stdout, stderr } = await burstgrid("up", "--port", "0", "--config", config, "--state", state.path);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain(config);
  expect(stderr).toContain("applications.pricing.task.tiemout");
});

test("a config elsewhere than in this project works, with paths relative to it", async () => {
  const application = { task: { command: ["sh", "double.sh"] }, files: ["double.sh"] };
  await writeFile(join(state.path, "elsewhere.json"), JSON.stringify({ applications: { doubling: application } }));
  await writeFile(join(state.path, "double.sh"), "read n; echo $((n * 2))\n");
  await writeFile(join(state.path, "numbers.jsonl"), "1\n21\n");
  const own = await newStateFolder();
  const grid = await up(own.path, "--config", join(state.path, "elsewhere.json"));
  onTestFinished(async () => {
    await grid.end("SIGINT");
    await own[Symbol.asyncDispose]();
  });
  const { code, stdout } = await grid.run("submit", "doubling", "--tasks", join(state.path, "numbers.jsonl"), "--wait");
  expect(code).toBe(0);
  expect((await grid.run("results", stdout.trim())).stdout).toBe('{"index":0,"output":2}\n{"index":1,"output":42}\n');
});
