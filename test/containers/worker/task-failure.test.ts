import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { waitBefore } from "#containers/worker/persist.ts";
import { taskErrorOf } from "#containers/worker/task-failure.ts";

class NotFound extends Error {}
class Tagged extends Error {
  override readonly name = "Desk.Closed";
}

describe("what a row says of an error", () => {
  it.each([
    [new Error("a"), "Error", "a"],
    [new RangeError("b"), "RangeError", "b"],
    [new NotFound("c"), "NotFound", "c"],
    [new Tagged("d"), "Desk.Closed", "d"],
    ["e", "NonError", "e"],
    [{ code: 1 }, "NonError", "{ code: 1 }"],
    [undefined, "NonError", "undefined"],
  ])("%s", (thrown, type, message) => {
    expect(taskErrorOf(thrown)).toEqual({ type, message });
  });

  it("is short, whatever a message may hold", () => {
    const { message } = taskErrorOf(new Error("x".repeat(1_000_000)));
    expect(message.length).toBeLessThan(5000);
  });
});

describe("the wait before another try", () => {
  it("doubles from 100 ms to 20 s, times a half to one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (retry, random) => {
        const full = Math.min(20_000, 100 * 2 ** (retry - 1));
        expect(waitBefore(retry, random)).toBeGreaterThanOrEqual(full / 2);
        expect(waitBefore(retry, random)).toBeLessThanOrEqual(full);
      }),
    );
  });
});
