import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { statusOf } from "#cli/job-status.ts";
import { barLine, NOTHING_SEEN, observe, type Progress, plainLine, rateOf } from "#cli/progress.ts";
import { jobRecord } from "./small-cloud.ts";

const status = (
  total: number | null,
  succeeded: number,
  failed = 0,
  fields: Parameters<typeof jobRecord>[0] | object = {},
) =>
  statusOf(
    jobRecord({
      jobId: "j",
      succeeded,
      failed,
      ...(total !== null && { plan: { tasksKey: "t", chunksKey: "c", chunks: 1, total, round: 0 } }),
      ...fields,
    }),
  );

/** A job seen at these times (seconds) with so many tasks done. */
const seen = (...points: readonly (readonly [second: number, done: number])[]): Progress =>
  points.reduce((progress, [second, done]) => observe(progress, status(10_000, done), second * 1000), NOTHING_SEEN);

describe("the rate", () => {
  test("is unknown until tasks have come in between two looks", () => {
    expect(rateOf(NOTHING_SEEN)).toBeUndefined();
    expect(rateOf(seen([0, 5]))).toBeUndefined();
    expect(rateOf(seen([0, 5], [1, 5]))).toBeUndefined();
    expect(rateOf(seen([0, 5], [1, 25]))).toBe(20);
  });

  test("is that of the last ten seconds", () => {
    expect(rateOf(seen([0, 0], [10, 1000], [15, 1000], [20, 1100]))).toBe(10);
  });

  test("starts anew when the count falls, as it does after a redrive", () => {
    expect(rateOf(seen([0, 100], [1, 200], [2, 150], [3, 160]))).toBe(10);
  });

  test("of a job at an even pace is that pace, however often one looks", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 50 }), (gaps) => {
        let second = 0;
        const points: [number, number][] = [[0, 0]];
        for (const gap of gaps) {
          second += gap;
          points.push([second, second * 7]);
        }
        expect(rateOf(seen(...points))).toBeCloseTo(7, 9);
      }),
    );
  });

  test("needs no more looks than those of its window", () => {
    const points = Array.from({ length: 1000 }, (_, second) => [second, second] as const);
    expect(seen(...points).samples.length).toBeLessThanOrEqual(12);
  });
});

describe("the bar", () => {
  test("shows state, share, rate, time left and failures", () => {
    const progress = seen([0, 0], [10, 1000]);
    expect(barLine(status(2000, 990, 10), progress, 100)).toBe(
      `RUNNING    [${"█".repeat(15)}${"░".repeat(15)}]  1,000 / 2,000   50 %  100 tasks/s  10 s left  10 failed`,
    );
  });

  test("is left out where there is no room, and then the end of the line", () => {
    const progress = seen([0, 0], [10, 1000]);
    expect(barLine(status(2000, 1000), progress, 60)).toBe("RUNNING    1,000 / 2,000   50 %  100 tasks/s  10 s left");
    expect(barLine(status(2000, 1000), progress, 20)).toBe("RUNNING    1,000 / 2");
  });

  test("is the state alone before the number of tasks is known", () => {
    expect(barLine(status(null, 0, 0, { state: "SPLITTING" }), NOTHING_SEEN, 80)).toBe("SPLITTING");
  });

  test("is full for a job of no tasks, and says 100 % only when all are done", () => {
    expect(barLine(status(0, 0), NOTHING_SEEN, 80)).toContain("100 %");
    expect(barLine(status(100_000, 99_999), NOTHING_SEEN, 80)).toContain(" 99 %");
  });

  test("never is wider than the terminal, and its share never leaves 0 to 100 %", () => {
    fc.assert(
      fc.property(
        fc.nat(2_000_000),
        fc.nat(2_000_000),
        fc.nat(2_000_000),
        fc.integer({ min: 1, max: 300 }),
        (a, b, c, wide) => {
          const line = barLine(status(a, b, c), seen([0, 0], [5, b + c]), wide);
          expect(line.length).toBeLessThanOrEqual(wide);
          const percent = /(\d+) %/.exec(line)?.[1];
          if (percent !== undefined) expect(Number(percent)).toBeLessThanOrEqual(100);
        },
      ),
    );
  });
});

describe("the plain line", () => {
  test("says the same without a bar", () => {
    expect(plainLine(status(2000, 990, 10), seen([0, 0], [10, 1000]))).toBe(
      "RUNNING  1,000 / 2,000 tasks  100 tasks/s  10 s left  10 failed",
    );
  });

  test("of a job that failed has its error, and neither rate nor time left", () => {
    const error = { type: "Grid.TasksFailed", message: "one failed" };
    expect(plainLine(status(10, 9, 1, { state: "FAILED", error }), seen([0, 0], [10, 10]))).toBe(
      "FAILED  10 / 10 tasks  1 failed  Grid.TasksFailed: one failed",
    );
  });
});
