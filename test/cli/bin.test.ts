import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };

const run = promisify(execFile);
const BIN = resolve(import.meta.dirname, "../../bin");

test("the command runs in any folder", async () => {
  const { stdout } = await run(process.execPath, [resolve(BIN, "burstgrid.mjs"), "--version"], { cwd: "/" });
  expect(stdout).toBe(`${manifest.version}\n`);
});

test("its exit code is the program's", async () => {
  await expect(run(process.execPath, [resolve(BIN, "burstgrid.mjs"), "fly"])).rejects.toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("burstgrid: unknown command 'fly'"),
  });
});

test("a script run by node24.mjs is the main module, with its arguments", async () => {
  const script = resolve(import.meta.dirname, "fixtures/print-main.ts");
  const { stdout } = await run(process.execPath, [resolve(BIN, "node24.mjs"), script, "a", "b c"]);
  expect(JSON.parse(stdout)).toEqual({ main: true, major: "24", args: ["a", "b c"] });
});

test("node24.mjs without a script says how to use it", async () => {
  await expect(run(process.execPath, [resolve(BIN, "node24.mjs")])).rejects.toMatchObject({
    code: 2,
    stderr: "usage: node bin/node24.mjs SCRIPT [ARG ...]\n",
  });
});
