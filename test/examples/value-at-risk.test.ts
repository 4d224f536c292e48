import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { merge } from "../../examples/value-at-risk/merge.ts";
import { approximate } from "../../examples/value-at-risk/normal-approximation.ts";
import { riskInOneLoop } from "../../examples/value-at-risk/one-loop.ts";
import { readDailyReturns } from "../../examples/value-at-risk/prices.ts";
import { randomBits } from "../../examples/value-at-risk/random.ts";
import { DEFAULTS, type Input, split } from "../../examples/value-at-risk/split.ts";
import { handler, type TaskResult } from "../../examples/value-at-risk/task.ts";

type Row = { index: number; output: TaskResult };

/** What the grid does with the three modules, results passing through JSON as they do there. */
async function runTasks(input: Input): Promise<Row[]> {
  const rows: Row[] = [];
  for (const task of split(input)) {
    const index = rows.length;
    rows.push({ index, output: JSON.parse(JSON.stringify(await handler(task, { index }))) });
  }
  return rows;
}

async function* streamOf<A>(values: readonly A[]): AsyncGenerator<A> {
  yield* values;
}

const riskOfJob = async (input: Input) => merge(streamOf(await runTasks(input)));

describe("the job equals one loop to the last digit", () => {
  test("with all its 1,000,000 paths in 2,000 tasks", async () => {
    expect(JSON.stringify(await riskOfJob({}))).toBe(JSON.stringify(riskInOneLoop(DEFAULTS)));
  });

  test.each([
    { paths: 10_000, tasks: 20, seed: 1 },
    { paths: 10_007, tasks: 13, seed: 2 },
    { paths: 1_000, tasks: 1, seed: 3 },
    { paths: 150, tasks: 150, seed: 4 },
  ])("with $paths paths in $tasks tasks", async (job) => {
    expect(JSON.stringify(await riskOfJob(job))).toBe(JSON.stringify(riskInOneLoop(job)));
  });
});

describe("merge", () => {
  test("refuses results in which a task left out losses of the tail", async () => {
    const rows = await runTasks({ paths: 10_000, tasks: 20 });
    const worst = Math.max(...rows.map(({ output }) => output.largestLosses[0]!));
    const cut = rows.map(({ index, output }) =>
      output.largestLosses[0] === worst ? { index, output: { ...output, largestLosses: [worst] } } : { index, output },
    );
    await expect(merge(streamOf(cut))).rejects.toThrow(
      /task \d+ kept 1 of its 500 losses, all above the value at risk/,
    );
  });

  test("refuses a task without an outcome, naming it and its error", async () => {
    const rows = [{ index: 7, error: { type: "RangeError", message: "no such day" }, attempts: 3 }];
    await expect(merge(streamOf(rows))).rejects.toThrow("task 7 has no losses: RangeError: no such day");
  });

  test("refuses a job too small to have a tail", async () => {
    await expect(riskOfJob({ paths: 99, tasks: 1 })).rejects.toThrow("expected at least 100 paths");
  });
});

describe("the result lies where the normal approximation says", () => {
  const { normalValueAtRisk, normalExpectedShortfall, cornishFisherValueAtRisk } = approximate(readDailyReturns());

  test.each([1, 2, DEFAULTS.seed])("above the normal and below Cornish and Fisher's, with seed %i", (seed) => {
    const { valueAtRisk, expectedShortfall } = riskInOneLoop({ ...DEFAULTS, seed });
    expect(valueAtRisk).toBeGreaterThan(normalValueAtRisk);
    expect(valueAtRisk).toBeLessThan(cornishFisherValueAtRisk);
    expect(expectedShortfall / valueAtRisk).toBeGreaterThan(normalExpectedShortfall / normalValueAtRisk);
    expect(expectedShortfall / valueAtRisk).toBeLessThan(1.3);
  });

  test("as its README says, digit by digit", async () => {
    const readme = await readFile("examples/value-at-risk/README.md", "utf8");
    expect(readme).toContain(JSON.stringify(riskInOneLoop(DEFAULTS)));
    const dollars = (amount: number) => `$${Math.round(amount).toLocaleString("en-US")}`;
    expect(readme).toContain(dollars(normalValueAtRisk));
    expect(readme).toContain(dollars(cornishFisherValueAtRisk));
  });
});

describe("prices and random numbers", () => {
  test("5,105 days of prices make 5,104 returns, the largest loss that of 2020-03-16", () => {
    const returns = readDailyReturns();
    expect(returns).toHaveLength(5104);
    expect(Math.min(...returns)).toBeCloseTo(Math.log(2386.129883 / 2711.02002), 9);
  });

  test("streams of neighbouring tasks share no run of numbers", () => {
    const seen = new Set<string>();
    for (let stream = 0; stream < 200; stream++) {
      const next = randomBits(DEFAULTS.seed, stream);
      for (let i = 0; i < 250; i++) seen.add(`${next()},${next()}`);
    }
    expect(seen.size).toBe(200 * 250);
  });

  test("numbers fill the 32 bits evenly", () => {
    const next = randomBits(1, 0);
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 160_000; i++) counts[next() >>> 28]!++;
    // χ² of 15 degrees of freedom: above 37.7 once in a thousand; the numbers are the same in every run.
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(37.7);
  });
});
