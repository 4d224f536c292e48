import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextRetry } from "#local/states/engine/retry.ts";
import { matchesError } from "#local/states/failure.ts";

describe("ErrorEquals", () => {
  it.each<[string, string | undefined, boolean]>([
    ["Mine", "Mine", true],
    ["Mine", "Other", false],
    ["States.ALL", "Mine", true],
    ["States.ALL", undefined, true],
    ["States.ALL", "States.Timeout", true],
    ["States.ALL", "States.DataLimitExceeded", false],
    ["States.ALL", "States.Runtime", false],
    ["States.DataLimitExceeded", "States.DataLimitExceeded", true],
    ["States.TaskFailed", "Mine", true],
    ["States.TaskFailed", undefined, true],
    ["States.TaskFailed", "States.Timeout", false],
    ["States.TaskFailed", "States.HeartbeatTimeout", false],
    ["States.Timeout", "States.HeartbeatTimeout", true],
    ["States.HeartbeatTimeout", "States.Timeout", false],
  ])("%s for the error %s: %s", (name, error, matches) => {
    expect(matchesError([name], error)).toBe(matches);
  });
});

describe("nextRetry", () => {
  const retriers = [
    { ErrorEquals: ["A"], MaxAttempts: 2, IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 5 },
    { ErrorEquals: ["States.ALL"], JitterStrategy: "FULL" as const },
  ];

  it("waits longer each time, at most MaxDelaySeconds, and gives up after MaxAttempts", () => {
    const first = nextRetry(retriers, [], "A");
    expect(first).toEqual({ seconds: 2, counts: [1, 0] });
    const second = nextRetry(retriers, first?.counts ?? [], "A");
    expect(second).toEqual({ seconds: 5, counts: [2, 0] });
    expect(nextRetry(retriers, second?.counts ?? [], "A")).toBeUndefined();
  });

  it("counts each retrier alone", () => {
    expect(nextRetry(retriers, [2, 0], "B", () => 0.5)).toEqual({ seconds: 0.5, counts: [2, 1] });
  });

  it("does not try an error that no retrier matches", () => {
    expect(nextRetry(retriers, [], "States.Runtime")).toBeUndefined();
    expect(nextRetry(undefined, [], "A")).toBeUndefined();
  });

  it("retries MaxAttempts times, 3 by default, and jitter never waits longer than without", () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat(20), { nil: undefined }),
        fc.double({ min: 1, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (MaxAttempts, BackoffRate, share) => {
          const base = { ErrorEquals: ["E"], BackoffRate, ...(MaxAttempts === undefined ? {} : { MaxAttempts }) };
          let counts: readonly number[] = [];
          let tries = 0;
          for (;;) {
            const plain = nextRetry([base], counts, "E");
            const jittered = nextRetry([{ ...base, JitterStrategy: "FULL" }], counts, "E", () => share);
            if (plain === undefined || jittered === undefined) break;
            expect(jittered.seconds).toBeLessThanOrEqual(plain.seconds);
            counts = plain.counts;
            tries += 1;
          }
          expect(tries).toBe(MaxAttempts ?? 3);
        },
      ),
    );
  });
});
