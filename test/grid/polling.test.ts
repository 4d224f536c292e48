import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PRIORITIES, type Priority } from "#grid/names.ts";
import {
  afterReceive,
  drawQueue,
  LEFT_OUT_MS,
  meanPackSeconds,
  messagesToTake,
  newPolling,
  type Polling,
  RECEIVE_MESSAGES,
  WEIGHTS,
} from "#grid/polling.ts";

const ROUND = WEIGHTS.high + WEIGHTS.normal + WEIGHTS.low;

/** Draws at queues of which some hold messages, `stepMs` apart; answers the queues that were asked. */
function drawn(holds: (priority: Priority) => boolean, draws: number, stepMs = 1): Priority[] {
  let polling: Polling = newPolling;
  const asked: Priority[] = [];
  for (let n = 0; n < draws; n++) {
    const now = n * stepMs;
    const [priority, after] = drawQueue(polling, now);
    if (priority === undefined) polling = after;
    else {
      asked.push(priority);
      polling = afterReceive(after, priority, holds(priority) ? 1 : 0, now);
    }
  }
  return asked;
}

const count = (asked: readonly Priority[], wanted: Priority) => asked.filter((priority) => priority === wanted).length;

describe("drawing a queue", () => {
  it("asks queues that all hold messages 8 : 4 : 1, in any thirteen draws on end", () => {
    const asked = drawn(() => true, 5 * ROUND);
    for (let from = 0; from + ROUND <= asked.length; from++) {
      const window = asked.slice(from, from + ROUND);
      expect(PRIORITIES.map((priority) => count(window, priority))).toEqual([8, 4, 1]);
    }
  });

  it("leaves no queue that holds messages unasked for longer than a round", () => {
    const some = fc.subarray([...PRIORITIES], { minLength: 1 });
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 400 }), (holding, stepMs) => {
        const asked = drawn((priority) => holding.includes(priority), 10 * ROUND, stepMs);
        for (const priority of holding) {
          let last = -1;
          for (const [n, each] of asked.entries()) {
            if (each !== priority) continue;
            expect(n - last).toBeLessThanOrEqual(2 * ROUND);
            last = n;
          }
          expect(last).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it("leaves out a queue for a second after it was found empty, however the others fare", () => {
    const happening = fc.record({ step: fc.integer({ min: 0, max: 700 }), received: fc.constantFrom(0, 0, 1) });
    fc.assert(
      fc.property(fc.array(happening), (happenings) => {
        let polling = newPolling;
        let now = 0;
        const emptyAt = new Map<Priority, number>();
        for (const { step, received } of happenings) {
          now += step;
          const [priority, after] = drawQueue(polling, now);
          polling = after;
          const open = PRIORITIES.filter((each) => now - (emptyAt.get(each) ?? -LEFT_OUT_MS) >= LEFT_OUT_MS);
          if (priority === undefined) expect(open).toEqual([]);
          else {
            expect(open).toContain(priority);
            if (received === 0) emptyAt.set(priority, now);
            else emptyAt.delete(priority);
            polling = afterReceive(polling, priority, received, now);
          }
        }
      }),
    );
  });

  it("gives an empty queue no claim to be asked more often later", () => {
    let polling = newPolling;
    for (let n = 0; n < 100; n++) {
      const [priority, after] = drawQueue(polling, n * LEFT_OUT_MS);
      polling = afterReceive(after, priority!, priority === "low" ? 0 : 1, n * LEFT_OUT_MS);
    }
    const later = 200 * LEFT_OUT_MS;
    const asked: Priority[] = [];
    for (let n = 0; n < 2 * ROUND; n++) {
      const [priority, after] = drawQueue(polling, later);
      asked.push(priority!);
      polling = afterReceive(after, priority!, 1, later);
    }
    expect(count(asked, "low")).toBeLessThanOrEqual(3);
  });
});

describe("messages to take", () => {
  const load = fc
    .record({
      slots: fc.integer({ min: 1, max: 256 }),
      running: fc.nat({ max: 256 }),
      long: fc.nat({ max: 256 }),
      waiting: fc.nat({ max: 20 }),
      packSeconds: fc.option(fc.double({ min: 1e-6, max: 100, noNaN: true }), { nil: undefined }),
    })
    .filter(({ slots, running, long }) => running <= slots && long <= running);

  it("are what one receive brings, and no more than slots and a tenth of a second ahead can use", () => {
    fc.assert(
      fc.property(load, (given) => {
        const { slots, running, waiting, packSeconds } = given;
        const take = messagesToTake(given);
        expect(take).toBeGreaterThanOrEqual(0);
        expect(take).toBeLessThanOrEqual(RECEIVE_MESSAGES);
        const ahead = packSeconds === undefined ? 0 : Math.min(RECEIVE_MESSAGES, (slots * 0.1) / packSeconds);
        if (take > 0) expect(take).toBeLessThanOrEqual(slots - running - waiting + ahead);
      }),
    );
  });

  it("are never none while a slot is idle and nothing waits for it", () => {
    fc.assert(
      fc.property(load, (given) => {
        fc.pre(given.running + given.waiting < given.slots);
        expect(messagesToTake(given)).toBeGreaterThan(0);
      }),
    );
  });

  it("are as many as start at once while packs are long or not measured", () => {
    const given = { slots: 4, running: 1, long: 0, waiting: 1 };
    expect(messagesToTake({ ...given, packSeconds: undefined })).toBe(2);
    expect(messagesToTake({ ...given, packSeconds: 1 })).toBe(2);
  });

  it("fill up what waits when half of it is used up, while packs are short", () => {
    const given = { slots: 1, running: 1, long: 0, packSeconds: 0.01 };
    expect(messagesToTake({ ...given, waiting: 6 })).toBe(0);
    expect(messagesToTake({ ...given, waiting: 5 })).toBe(5);
  });

  it("are none behind a pack that turned out to be long", () => {
    expect(messagesToTake({ slots: 1, running: 1, long: 1, waiting: 0, packSeconds: 0.01 })).toBe(0);
  });
});

describe("the mean time of a pack", () => {
  it("is the first one's, then moves toward the newest", () => {
    expect(meanPackSeconds(undefined, 3)).toBe(3);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (mean, newest) => {
          const next = meanPackSeconds(mean, newest);
          expect(next).toBeGreaterThanOrEqual(Math.min(mean, newest) - 1e-9);
          expect(next).toBeLessThanOrEqual(Math.max(mean, newest) + 1e-9);
        },
      ),
    );
  });
});
