import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";

/** A process that has been told to stop, and goes on. */
async function stopping(signal: NodeJS.Signals): Promise<ChildProcessByStdio<null, Readable, null>> {
  const fixture = resolve(import.meta.dirname, "fixtures/wait-for-stop.ts");
  const child = spawn(process.execPath, [fixture], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout });
  expect(await once(lines, "line")).toEqual(["false"]);
  child.kill(signal);
  expect(await once(lines, "line")).toEqual([`${signal} true`]);
  return child;
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s is a request to stop in order", async (signal) => {
  expect((await stopping(signal)).exitCode).toBe(null);
});

test("a second Ctrl-C ends the process, but not one that comes with the first by way of another process", async () => {
  const child = await stopping("SIGINT");
  const asked = performance.now();
  const ended = once(child, "exit");
  await expect
    .poll(
      () => {
        child.kill("SIGINT");
        return child.exitCode;
      },
      { timeout: 10_000 },
    )
    .toBe(130);
  expect(await ended).toEqual([130, null]);
  expect(performance.now() - asked).toBeGreaterThan(800);
});
