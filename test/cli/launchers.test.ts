import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { fromProc, launcherLinks } from "#cli/launchers.ts";

const processes: Record<number, { parent: number; name: string }> = {
  30: { parent: 20, name: "node" },
  20: { parent: 10, name: "sh" },
  10: { parent: 1, name: "npm exec burst" },
  40: { parent: 10, name: "bash" },
};
const lookup = (pid: number) => processes[pid];

describe("how many ancestors stand for the process", () => {
  test.each([
    ["none, for one that a user's shell started", {}, 20, 0],
    ["the Node that bin/node24.mjs ran on", { BURSTGRID_LAUNCHER: "30" }, 30, 1],
    ["npm's shell and npm", { npm_command: "exec" }, 20, 2],
    ["npm alone, where its shell made way", { npm_command: "run-script" }, 10, 1],
    ["the other Node, npm's shell and npm", { npm_command: "exec", BURSTGRID_LAUNCHER: "30" }, 30, 3],
    ["none, where the launcher is someone else's", { BURSTGRID_LAUNCHER: "99" }, 20, 0],
  ])("%s", (_, env, parent, links) => {
    expect(launcherLinks(env, parent, lookup)).toBe(links);
  });
});

test("a process's name may hold blanks and brackets", () => {
  expect(fromProc("41 (npm exec (x) S y) S 17 41 41 0 -1")).toEqual({ name: "npm exec (x) S y", parent: 17 });
});

test("a process learns that the shell that stands for npm has lost its npm", async () => {
  const watcher = resolve(import.meta.dirname, "fixtures/watch-launchers.ts");
  // A Node in npm's place, a shell below it, the watching process below that.
  const script = `import { spawn } from "node:child_process";
    spawn("sh", ["-c", '"$0" "$1"; exit', process.execPath, ${JSON.stringify(watcher)}], { stdio: "inherit" });`;
  const npm = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, npm_command: "exec" },
  });
  const lines = createInterface({ input: npm.stdout });
  expect(await once(lines, "line")).toEqual(["watching"]);
  npm.kill("SIGKILL");
  expect(await once(lines, "line")).toEqual(["gone"]);
});
