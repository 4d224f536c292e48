import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBatchBuffer } from "#local/functions/batch-buffer.ts";
import { batchOutcome } from "#local/functions/batch-response.ts";
import type { SqsRecord } from "#local/functions/sqs-record.ts";

const record = (id: number, bytes = 1): SqsRecord => ({ messageId: String(id), receiptHandle: "", json: "", bytes });

describe("a batch", () => {
  test("is never too long or too large, and loses, repeats and reorders nothing", () => {
    const limits = fc.record({ size: fc.integer({ min: 1, max: 20 }), bytes: fc.integer({ min: 1, max: 50 }) });
    const arrivals = fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 10 }), { maxLength: 10 });
    fc.assert(
      fc.property(limits, arrivals, ({ size, bytes }, groups) => {
        const buffer = createBatchBuffer({ size, bytes, windowMs: 1000 });
        const taken: SqsRecord[] = [];
        const take = (): void => {
          const batch = buffer.take();
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(size);
          if (batch.length > 1) expect(batch.reduce((sum, each) => sum + each.bytes, 0)).toBeLessThanOrEqual(bytes);
          taken.push(...batch);
        };
        let id = 0;
        for (const group of groups) {
          buffer.add(
            group.map((each) => record(id++, each)),
            0,
          );
          while (buffer.dueInMs(0) === 0) take();
        }
        while (buffer.dueInMs(1000) === 0) take();
        expect(buffer.count).toBe(0);
        expect(taken.map((each) => Number(each.messageId))).toEqual([...Array(id).keys()]);
      }),
    );
  });

  test("is due when its first record has waited for the window, or at once when it is full", () => {
    const buffer = createBatchBuffer({ size: 3, bytes: 100, windowMs: 1000 });
    expect(buffer.dueInMs(0)).toBe(Number.POSITIVE_INFINITY);
    buffer.add([record(1)], 500);
    buffer.add([record(2)], 1200);
    expect(buffer.dueInMs(1200)).toBe(300);
    expect(buffer.dueInMs(1600)).toBe(0);
    buffer.add([record(3)], 1300);
    expect(buffer.dueInMs(1300)).toBe(0);
    expect(buffer.take()).toHaveLength(3);
    buffer.add([record(4, 60), record(5, 60)], 2000);
    expect(buffer.dueInMs(2000)).toBe(0);
    expect(buffer.take()).toHaveLength(1);
    expect(buffer.dueInMs(2000)).toBe(1000);
  });
});

describe("a handler's answer under ReportBatchItemFailures", () => {
  const ids = new Set(["a", "b"]);

  test.each(["null", "{}", '{"batchItemFailures":null}', '{"batchItemFailures":[]}'])("%s is a success", (answer) => {
    expect(batchOutcome(answer, ids)).toEqual({ kind: "partial", failed: new Set() });
  });

  test("names the messages that failed", () => {
    const answer = '{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}';
    expect(batchOutcome(answer, ids)).toEqual({ kind: "partial", failed: new Set(["b"]) });
  });

  test.each<[string, RegExp]>([
    ['"text"', /must be an object .* "text"/],
    ["[]", /must be an object/],
    ['{"batchItemFailures":"a"}', /must be a list/],
    ['{"batchItemFailures":[{"itemIdentifier":""}]}', /itemIdentifier ""/],
    ['{"batchItemFailures":[{"itemIdentifier":null}]}', /itemIdentifier null/],
    ['{"batchItemFailures":[{"id":"a"}]}', /itemIdentifier undefined/],
    ['{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"c"}]}', /itemIdentifier "c"/],
    ['{"batchItemFailures":["a"]}', /itemIdentifier undefined/],
  ])("%s fails the whole batch", (answer, why) => {
    expect(batchOutcome(answer, ids)).toEqual({ kind: "failed", why: expect.stringMatching(why) });
  });
});
