import { Schema } from "effect";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { INLINE_LIMIT, newJobId, parseTags, placement, requireJobId } from "#cli/request.ts";
import { JobId } from "#grid/job.ts";

test("a new job's id is readable, sorts by its time, and is an id that the grid takes", () => {
  const earlier = newJobId("value-at-risk", new Date("2026-02-03T04:05:06.789Z"), "00aa11bb22");
  expect(earlier).toBe("value-at-risk-20260203-040506-00aa11bb22");
  expect(Schema.is(JobId)(earlier)).toBe(true);
  expect(newJobId("value-at-risk", new Date("2026-11-03T04:05:06Z")) > earlier).toBe(true);
});

test("two new jobs of the same second have different ids", () => {
  const now = new Date();
  expect(new Set(Array.from({ length: 1000 }, () => newJobId("a", now))).size).toBe(1000);
});

test.each(["", "-a", "a b", "a/b", "é", "x".repeat(129)])("the job id %j is refused", (jobId) => {
  expect(() => requireJobId(jobId, "--job-id")).toThrow("expected 1 to 128 letters");
});

test("a tag's value may hold anything, an equals sign too; its name may not be empty", () => {
  expect(parseTags(["a=1", "b=", "c=x=y", "a=2"])).toEqual({ a: "2", b: "", c: "x=y" });
  expect(() => parseTags(["=1"])).toThrow('--tag "=1": expected name=value');
});

describe("what goes inside the event", () => {
  test.each([
    [0, 0, { input: true, tasks: true }],
    [INLINE_LIMIT, 0, { input: true, tasks: true }],
    [10, INLINE_LIMIT - 10, { input: true, tasks: true }],
    [10, INLINE_LIMIT - 9, { input: true, tasks: false }],
    [INLINE_LIMIT + 1, 10, { input: false, tasks: true }],
    [INLINE_LIMIT + 1, INLINE_LIMIT + 1, { input: false, tasks: false }],
  ])("of %i bytes of input and %i of tasks", (input, tasks, where) => {
    expect(placement({ input, tasks })).toEqual(where);
  });

  test("never is more than the limit", () => {
    const bytes = fc.nat(2 * INLINE_LIMIT);
    fc.assert(
      fc.property(bytes, bytes, (input, tasks) => {
        const inline = placement({ input, tasks });
        expect((inline.input ? input : 0) + (inline.tasks ? tasks : 0)).toBeLessThanOrEqual(INLINE_LIMIT);
      }),
    );
  });
});
