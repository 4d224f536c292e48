import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startProcess } from "#local/kubernetes/process.ts";
import { IDLE, isAlive } from "./fixture.ts";

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "process-"));
  log = join(folder, "log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PATH = process.env["PATH"] ?? "";
const plan = (script: string) => ({
  command: [process.execPath, "-e", script],
  folder,
  environment: { PATH },
});

/** Starts two children, one in a process group of its own, and prints its own id and theirs. */
const FAMILY = `
  const { spawn } = require("child_process");
  const near = spawn("sleep", ["600"]);
  const far = spawn("sleep", ["600"], { detached: true });
  console.log(JSON.stringify([process.pid, near.pid, far.pid]));
  ${IDLE}`;

const family = () =>
  vi.waitFor(() => {
    const ids = JSON.parse(readFileSync(log, "utf8")) as number[];
    expect(ids.every(isAlive)).toBe(true);
    return ids;
  }, 10_000);

describe("the process of a container", () => {
  test("has the folder, the environment and nothing on stdin, and its exit code is told", async () => {
    const script = `console.log(process.cwd(), Object.keys(process.env).sort().join(), require("fs").readFileSync(0).length);
      process.exit(9)`;
    const { ended } = startProcess(plan(script), log);
    expect(await ended).toEqual({ exitCode: 9 });
    expect(readFileSync(log, "utf8")).toMatch(/process-\S+ PATH(,\S+)? 0\n/);
  });

  test("gets SIGTERM itself", async () => {
    const started = startProcess(plan(`process.on("SIGTERM", () => process.exit(5)); console.log("up"); ${IDLE}`), log);
    await vi.waitFor(() => expect(readFileSync(log, "utf8")).toBe("up\n"), 10_000);
    started.terminate();
    expect(await started.ended).toEqual({ exitCode: 5 });
  });

  test("is killed with all that it started, in whatever process group", async () => {
    const started = startProcess(plan(FAMILY), log);
    const ids = await family();
    started.kill();
    expect(await started.ended).toEqual({ exitCode: 137, signal: "SIGKILL" });
    await started.left;
    await vi.waitFor(() => expect(ids.filter(isAlive)).toEqual([]));
  });

  test("leaves nothing of its process group when it ends by itself", async () => {
    const script = `console.log(require("child_process").spawn("sleep", ["600"]).pid); process.exit(0)`;
    const { ended, left } = startProcess(plan(script), log);
    expect(await ended).toEqual({ exitCode: 0 });
    await left;
    await vi.waitFor(() => expect(isAlive(Number(readFileSync(log, "utf8")))).toBe(false));
  });

  test("is gone with all that it started when the grid is killed with SIGKILL", async () => {
    const module = JSON.stringify(import.meta.resolve("#local/kubernetes/process.ts"));
    const grid = `const { startProcess } = await import(${module});
      startProcess(${JSON.stringify(plan(FAMILY))}, ${JSON.stringify(log)}); ${IDLE}`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", grid], { stdio: "inherit" });
    const ids = await family();
    parent.kill("SIGKILL");
    await once(parent, "exit");
    await vi.waitFor(() => expect(ids.filter(isAlive)).toEqual([]), 5_000);
  });

  test("says why it could not start", async () => {
    const { ended, left } = startProcess({ ...plan(""), folder: join(folder, "none") }, log);
    expect(await ended).toMatchObject({ exitCode: 128, error: expect.stringContaining("ENOENT") });
    await left;
  });

  test("does not run on without its watcher", async () => {
    const started = startProcess(plan(IDLE), log);
    const watcher = await vi.waitFor(() => {
      const { stdout } = spawnSync("ps", ["-A", "-o", "pid=", "-o", "ppid="], { encoding: "utf8" });
      const children = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
      const [id] = children.find(([, parent]) => parent === started.id) ?? [];
      expect(id).toBeDefined();
      return id as number;
    });
    process.kill(watcher, "SIGKILL");
    expect(await started.ended).toEqual({ exitCode: 137, signal: "SIGKILL" });
  });
});
