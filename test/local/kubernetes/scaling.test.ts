import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { desiredReplicas, type ScalingState } from "#local/kubernetes/scaling.ts";

const count = (maximum = 1_000) => fc.nat({ max: maximum });
const queue = fc.record({
  depth: fc.nat({ max: 1_000_000 }),
  queueLength: fc.integer({ min: 1, max: 1_000 }),
  activationQueueLength: fc.constantFrom(0, 0, 5),
});
const state: fc.Arbitrary<ScalingState> = fc.record({
  queues: fc.array(queue, { minLength: 1, maxLength: 4 }),
  minReplicas: count(20),
  maxReplicas: fc.integer({ min: 1, max: 1_000 }),
  cores: fc.integer({ min: 1, max: 64 }),
  workers: fc.option(count(100), { nil: undefined }),
  current: count(100),
  lastActiveAt: fc.option(count(), { nil: undefined }),
  now: fc.integer({ min: 1_000, max: 1_000_000 }),
  cooldownSeconds: count(500),
});

const ceilingOf = (of: ScalingState) => of.workers ?? Math.min(of.maxReplicas, of.cores);
const drained = (of: ScalingState) => ({ ...of, queues: of.queues.map((each) => ({ ...each, depth: 0 })) });
const busy = (of: ScalingState) => ({ ...of, queues: of.queues.map((each) => ({ ...each, depth: each.depth + 6 })) });
function holds(check: (of: ScalingState) => void): void {
  fc.assert(
    fc.property(state, (of) => {
      check(of);
    }),
  );
}

const EXAMPLE: ScalingState = {
  queues: [{ depth: 0, queueLength: 5, activationQueueLength: 0 }],
  minReplicas: 0,
  maxReplicas: 100,
  cores: 8,
  current: 0,
  lastActiveAt: undefined,
  now: 0,
  cooldownSeconds: 300,
};
const withDepths = (...depths: number[]) => ({
  ...EXAMPLE,
  queues: depths.map((depth) => ({ depth, queueLength: 5, activationQueueLength: 0 })),
});

describe("the replicas a ScaledObject asks for", () => {
  test("are never more than the workers asked for, else the maximum and the cores", () => {
    holds((of) => expect(desiredReplicas(of)).toBeLessThanOrEqual(ceilingOf(of)));
  });

  test("are never fewer than the minimum that the ceiling allows", () => {
    holds((of) => expect(desiredReplicas(of)).toBeGreaterThanOrEqual(Math.min(of.minReplicas, ceilingOf(of))));
  });

  test("do not fall while there is work, and are at least one", () => {
    holds((of) => {
      const least = Math.min(Math.max(of.current, 1), ceilingOf(of));
      expect(desiredReplicas(busy(of))).toBeGreaterThanOrEqual(least);
    });
  });

  test("do not fall when the queues grow", () => {
    holds((of) => expect(desiredReplicas(busy(busy(of)))).toBeGreaterThanOrEqual(desiredReplicas(busy(of))));
  });

  test("are the minimum once the queues were idle for the cooldown, and what they are before", () => {
    holds((of) => {
      const idle = drained(of);
      const kept = Math.min(Math.max(of.current, of.minReplicas), ceilingOf(of));
      const cooled = of.lastActiveAt === undefined || of.now >= of.lastActiveAt + of.cooldownSeconds * 1000;
      expect(desiredReplicas(idle)).toBe(cooled ? Math.min(of.minReplicas, ceilingOf(of)) : kept);
    });
  });

  test("follow the queue that asks for the most", () => {
    expect(desiredReplicas(withDepths(6, 21, 0))).toBe(5);
    expect(desiredReplicas(withDepths(1))).toBe(1);
    expect(desiredReplicas(withDepths(1_000))).toBe(8);
    expect(desiredReplicas(withDepths(0, 0))).toBe(0);
  });

  test("are none as long as no queue is above its activation length", () => {
    const queues = [{ depth: 5, queueLength: 1, activationQueueLength: 5 }];
    expect(desiredReplicas({ ...EXAMPLE, queues })).toBe(0);
  });
});
