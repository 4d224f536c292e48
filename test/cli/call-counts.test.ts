import { expect, test } from "vitest";
import { callsSince, callTable } from "#cli/call-counts.ts";

test("only calls that came since are counted", () => {
  const before = { sqs: { SendMessage: 2, ReceiveMessage: 7 }, s3: { GetObject: 1 } };
  const after = { sqs: { SendMessage: 5, ReceiveMessage: 7 }, s3: { GetObject: 1 }, events: { PutEvents: 1 } };
  expect(callsSince(before, after)).toEqual({ sqs: { SendMessage: 3 }, events: { PutEvents: 1 } });
});

test("a line a service, its most frequent actions first", () => {
  expect(callTable({ sqs: { SendMessage: 3, ReceiveMessage: 1200 }, events: { PutEvents: 1 } })).toBe(
    "  sqs     1,203  ReceiveMessage 1,200, SendMessage 3\n  events  1      PutEvents 1\n",
  );
});
