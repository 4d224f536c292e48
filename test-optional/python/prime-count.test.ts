import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

const PROJECT = resolve(import.meta.dirname, "../..");

/** Runs a script of the example as the grid does: in the config file's folder, JSON on stdin. Its stdout. */
async function run(script: string, stdin: string): Promise<string> {
  const python = spawn("python3", [`examples/prime-count/${script}`], {
    cwd: PROJECT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  python.stdin.end(stdin);
  const ended = new Promise<number | null>((done, fail) => python.on("exit", done).on("error", fail));
  const stdout = await text(python.stdout);
  expect(await ended).toBe(0);
  return stdout;
}

async function countPrimes(input: { below: number; width: number } | null): Promise<unknown> {
  const tasks = (await run("split.py", JSON.stringify(input))).trim().split("\n");
  const rows: string[] = [];
  for (const [index, task] of tasks.entries()) {
    rows.push(JSON.stringify({ index, output: JSON.parse(await run("count.py", task)) }));
  }
  return JSON.parse(await run("merge.py", rows.map((row) => `${row}\n`).join("")));
}

// OEIS A006880, and small ranges counted by hand.
test.each([
  { below: 1_000_000, width: 50_000, primes: 78_498 },
  { below: 100_000, width: 7_777, primes: 9_592 },
  { below: 30, width: 1, primes: 10 },
  { below: 3, width: 2, primes: 1 },
])("there are $primes primes below $below, in tasks of $width", async ({ primes, ...input }) => {
  expect(await countPrimes(input)).toEqual({ primes });
});

test("there are 664,579 primes below 10,000,000, the job of an empty input", async () => {
  expect(await countPrimes(null)).toEqual({ primes: 664_579 });
});
