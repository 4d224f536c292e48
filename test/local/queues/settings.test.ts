import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, toAttributes, withAttributes } from "#local/queues/settings.ts";

const integer = (min: number, max: number) => fc.integer({ min, max }).map(String);
const attributes = fc.record(
  {
    VisibilityTimeout: integer(0, 43_200),
    DelaySeconds: integer(0, 900),
    MaximumMessageSize: integer(1024, 1_048_576),
    MessageRetentionPeriod: integer(60, 1_209_600),
    ReceiveMessageWaitTimeSeconds: integer(0, 20),
    RedrivePolicy: integer(1, 1000).map((n) => `{"deadLetterTargetArn":"arn:d","maxReceiveCount":${n}}`),
  },
  { requiredKeys: [] },
);

describe("the settings of a queue", () => {
  it("read back as the attributes they were set by, those not set as they were", () => {
    fc.assert(
      fc.property(attributes, attributes, (first, second) => {
        const settings = withAttributes(withAttributes(DEFAULT_SETTINGS, first), second);
        expect(toAttributes(settings)).toEqual({ ...toAttributes(DEFAULT_SETTINGS), ...first, ...second });
      }),
    );
  });

  it("lose their redrive policy to an empty one, and take its count as text too", () => {
    const policy = '{"deadLetterTargetArn":"arn:d","maxReceiveCount":"3"}';
    const settings = withAttributes(DEFAULT_SETTINGS, { RedrivePolicy: policy });
    expect(settings.redrive).toEqual({ deadLetterTargetArn: "arn:d", maxReceiveCount: 3 });
    expect(withAttributes(settings, { RedrivePolicy: "" })).toEqual(DEFAULT_SETTINGS);
  });

  it.each([
    ["VisibilityTimeout", "-1", "from 0 to 43200"],
    ["DelaySeconds", "1.5", "from 0 to 900"],
    ["MaximumMessageSize", "", "from 1024 to 1048576"],
    ["RedrivePolicy", "{", "is not JSON"],
    ["RedrivePolicy", "7", "deadLetterTargetArn"],
    ["RedrivePolicy", '{"deadLetterTargetArn":"arn:d","maxReceiveCount":0}', "from 1 to 1000"],
    ["RedrivePolicy", '{"deadLetterTargetArn":"arn:d","maxReceiveCount":1,"x":1}', "unknown: x"],
    ["SqsManagedSseEnabled", "false", "SqsManagedSseEnabled=false is not implemented"],
  ])("refuse %s=%s", (name, value, message) => {
    expect(() => withAttributes(DEFAULT_SETTINGS, { [name]: value })).toThrow(message);
  });
});
