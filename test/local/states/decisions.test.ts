import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pageOf } from "#local/states/api/pages.ts";
import { Cancellation, Cancelled } from "#local/states/engine/cancellation.ts";
import { TaskTokens } from "#local/states/engine/tokens.ts";
import { exceeds } from "#local/states/map/tolerance.ts";
import { statusChangeOf } from "#local/states/status-change.ts";

describe("tolerance", () => {
  it("of a percentage is exceeded by more failures than that share of the items, never at 100", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(100), (failed, more, percentage) => {
        const total = failed + more;
        const exceeded = exceeds({ percentage, count: undefined }, failed, total);
        expect(exceeded).toBe(total > 0 && failed * 100 > percentage * total);
        expect(exceeds({ percentage: 100, count: undefined }, failed, total)).toBe(false);
      }),
    );
  });

  it("of both is exceeded when either is", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(100), fc.nat(50), (failed, more, percentage, count) => {
        const total = failed + more;
        const either =
          exceeds({ percentage, count: undefined }, failed, total) ||
          exceeds({ percentage: undefined, count }, failed, total);
        expect(exceeds({ percentage, count }, failed, total)).toBe(either);
      }),
    );
  });
});

describe("pages", () => {
  it("give every item once, in order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.integer({ min: 1, max: 10 }), (items, maxResults) => {
        const found: string[] = [];
        let nextToken: string | undefined;
        do {
          const page = pageOf(items, (item) => item, { maxResults, nextToken });
          found.push(...page.items);
          nextToken = page.nextToken;
        } while (nextToken !== undefined);
        expect(found).toEqual(items);
      }),
    );
  });

  it("have 100 items by default and 1,000 at most", () => {
    const items = Array.from({ length: 2000 }, (_, index) => index);
    const size = (maxResults: number | undefined) =>
      pageOf(items, String, { maxResults, nextToken: undefined }).items.length;
    expect([size(undefined), size(0), size(1000)]).toEqual([100, 100, 1000]);
    expect(() => size(1001)).toThrow("maxResults must be from 0 to 1000");
  });
});

describe("task tokens", () => {
  it("tell what is closed from what never was a token", () => {
    const tokens = new TaskTokens();
    fc.assert(
      fc.property(fc.string(), fc.nat(47), (text, at) => {
        expect(tokens.heartbeat(text)).toBe("not a token");
        const token = tokens.issue();
        expect(tokens.heartbeat(token)).toBe("closed");
        const other = token[at] === "A" ? "B" : "A";
        expect(tokens.heartbeat(token.slice(0, at) + other + token.slice(at + 1))).toBe("not a token");
      }),
    );
  });

  it("are taken once", () => {
    const tokens = new TaskTokens();
    const token = tokens.issue();
    const outcomes: unknown[] = [];
    tokens.open(token, { settle: (outcome) => outcomes.push(outcome), heartbeat: () => {} });
    expect(tokens.settle(token, { ok: true, output: "1" })).toBe("taken");
    expect(tokens.settle(token, { ok: true, output: "2" })).toBe("closed");
    expect(outcomes).toEqual([{ ok: true, output: "1" }]);
  });
});

describe("a cancellation", () => {
  it("ends what waits and what waits later, with the first reason", async () => {
    const cancellation = new Cancellation();
    const waiting = cancellation.sleep(2 ** 40);
    cancellation.cancel({ kind: "timed out" });
    cancellation.cancel({ kind: "closing" });
    await expect(waiting).rejects.toThrow(Cancelled);
    await expect(cancellation.sleep(0)).rejects.toMatchObject({ reason: { kind: "timed out" } });
  });

  it("ends its children, and not the other way round", () => {
    const parent = new Cancellation();
    const first = parent.child();
    const second = parent.child();
    first.cancellation.cancel({ kind: "stopped" });
    expect(parent.reason).toBeUndefined();
    second.unlink();
    parent.cancel({ kind: "closing" });
    expect(second.cancellation.reason).toBeUndefined();
    expect(parent.child().cancellation.reason).toEqual({ kind: "closing" });
  });
});

describe("a status-change event", () => {
  const record = {
    executionArn: "e",
    stateMachineArn: "s",
    name: "n",
    status: "SUCCEEDED",
    startDate: 1,
    stopDate: 2,
    redriveCount: 0,
  } as const;
  const data = (kibibytes: number) => JSON.stringify("x".repeat(kibibytes * 1024 - 8));

  it("leaves out the input, then the output, when it has no room for them", () => {
    const included = (input: string, output: string) => {
      const { detail } = statusChangeOf({ ...record, input, output });
      expect(detail.input).toBe(detail.inputDetails.included ? input : null);
      expect(detail.output).toBe(detail.outputDetails?.included === true ? output : null);
      return [detail.inputDetails.included, detail.outputDetails?.included];
    };
    expect(included(data(124), data(124))).toEqual([true, true]);
    expect(included(data(125), data(124))).toEqual([false, true]);
    expect(included(data(1), data(249))).toEqual([true, false]);
  });
});
