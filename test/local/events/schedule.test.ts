import { afterEach, describe, expect, it, vi } from "vitest";
import { openEventBuses } from "#local/events/index.ts";
import { rateSeconds } from "#local/events/rate.ts";
import { FUNCTION } from "./fixture.ts";

afterEach(() => void vi.useRealTimers());

describe("a rate", () => {
  it.each([
    ["rate(1 minute)", 60],
    ["rate(5 minutes)", 300],
    ["rate(2 hours)", 7200],
    ["rate(1 day)", 86_400],
  ])("%s is %d s", (expression, seconds) => expect(rateSeconds(expression)).toBe(seconds));

  it.each(["rate(0 minutes)", "rate(1 week)", "cron(0 12 * * ? *)", ""])("%j is refused by name", (expression) =>
    expect(() => rateSeconds(expression)).toThrow(`ScheduleExpression "${expression}"`),
  );
});

describe("a rule with a schedule", () => {
  const scheduled = (input?: string) => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const sent: string[] = [];
    const buses = openEventBuses({
      targets: {
        startExecution: async () => undefined,
        invokeFunction: async (_arn, payload) => void sent.push(payload),
        sendMessage: async () => undefined,
      },
      warn: (message) => void sent.push(message),
    });
    const target = { id: "Target0", arn: FUNCTION, ...(input !== undefined && { input }) };
    buses.schedule({ name: "watch", expression: "rate(1 minute)", targets: [target] });
    return { buses, sent };
  };

  it("sends its input when each interval is over, and not before", async () => {
    const { buses, sent } = scheduled('{"watch":true}');
    vi.advanceTimersByTime(59_999);
    await buses.idle();
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(60_001);
    await buses.idle();
    expect(sent).toEqual(['{"watch":true}', '{"watch":true}']);
    buses.close();
  });

  it("sends a Scheduled Event that names the rule where it has no input", async () => {
    const { buses, sent } = scheduled();
    vi.advanceTimersByTime(60_000);
    await buses.idle();
    expect(JSON.parse(sent[0]!)).toMatchObject({
      source: "aws.events",
      "detail-type": "Scheduled Event",
      resources: [expect.stringContaining(":rule/watch")],
      detail: {},
    });
    buses.close();
  });

  it("sends nothing more once the buses are closed", async () => {
    const { buses, sent } = scheduled();
    buses.close();
    vi.advanceTimersByTime(300_000);
    await buses.idle();
    expect(sent).toEqual([]);
  });
});
