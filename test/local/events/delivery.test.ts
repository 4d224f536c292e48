import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deliveryFailure } from "#local/events/delivery-failure.ts";
import { DEAD_LETTERS, eventBusesForTest, FUNCTION, QUEUE, STATE_MACHINE } from "./fixture.ts";

const event = { source: "burstgrid", detailType: "Grid Job Requested", detail: { application: "a" } };
const pattern = { source: ["burstgrid"] };

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

describe("a delivery", () => {
  test("that fails is tried again until the target takes it", async () => {
    let tries = 0;
    const { buses, warnings } = await eventBusesForTest({
      invokeFunction: async () => {
        tries += 1;
        if (tries < 3) throw new Error("not yet");
      },
    });
    buses.putRule({ name: "r", bus: "default", pattern, targets: [{ id: "1", arn: FUNCTION }] });
    buses.put([event]);
    await buses.idle();
    expect(tries).toBe(3);
    expect(warnings).toEqual([]);
  });

  test("that keeps failing ends in the target's dead-letter queue, with the attributes that say why", async () => {
    let tries = 0;
    const { buses, sent } = await eventBusesForTest({
      invokeFunction: async () => {
        tries += 1;
        throw named("ServiceException", "down");
      },
    });
    const target = { id: "1", arn: FUNCTION, deadLetterArn: DEAD_LETTERS, retryAttempts: 1 };
    const ruleArn = buses.putRule({ name: "r", bus: "default", pattern, targets: [target] });
    const [id] = buses.put([event]);
    await buses.idle();
    expect(tries).toBe(2);
    expect(sent).toEqual([
      {
        to: DEAD_LETTERS,
        body: expect.any(String),
        attributes: {
          RULE_ARN: ruleArn,
          TARGET_ARN: FUNCTION,
          ERROR_CODE: "ERROR_FROM_TARGET",
          ERROR_MESSAGE: "ServiceException: down",
          RETRY_ATTEMPTS: "1",
          EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts",
        },
      },
    ]);
    expect(JSON.parse(sent[0]!.body)).toMatchObject({ id, detail: { application: "a" } });
  });

  test("to a target that is not there is not tried again", async () => {
    let tries = 0;
    const { buses, sent } = await eventBusesForTest({
      startExecution: async () => {
        tries += 1;
        throw named("StateMachineDoesNotExist", "gone");
      },
    });
    const target = { id: "1", arn: STATE_MACHINE, deadLetterArn: DEAD_LETTERS };
    buses.putRule({ name: "r", bus: "default", pattern, targets: [target] });
    buses.put([event]);
    await buses.idle();
    expect(tries).toBe(1);
    expect(sent[0]?.attributes).toMatchObject({ ERROR_CODE: "NO_RESOURCE", RETRY_ATTEMPTS: "0" });
  });

  test("of more than 256 KiB to a state machine goes straight to the dead-letter queue, and whole to others", async () => {
    const { buses, sent } = await eventBusesForTest();
    const targets = [
      { id: "1", arn: STATE_MACHINE, deadLetterArn: DEAD_LETTERS },
      { id: "2", arn: QUEUE },
    ];
    buses.putRule({ name: "r", bus: "default", pattern, targets });
    buses.put([{ ...event, detail: { text: "x".repeat(256 * 1024) } }]);
    await buses.idle();
    const to = Object.fromEntries(sent.map((each) => [each.to, each]));
    expect(Object.keys(to).sort()).toEqual([QUEUE, DEAD_LETTERS].sort());
    expect(to[DEAD_LETTERS]?.attributes).toMatchObject({
      ERROR_CODE: "INVALID_PARAMETER",
      ERROR_MESSAGE: expect.stringMatching(/bytes, an execution takes 262144/),
    });
    expect(to[DEAD_LETTERS]?.body).toBe(to[QUEUE]?.body);
  });

  test("without a dead-letter queue is dropped with a warning that names rule, target and error", async () => {
    const { buses, warnings } = await eventBusesForTest({
      invokeFunction: async () => {
        throw named("ResourceNotFoundException", "no function conclude");
      },
    });
    const ruleArn = buses.putRule({ name: "r", bus: "default", pattern, targets: [{ id: "1", arn: FUNCTION }] });
    buses.put([event]);
    await buses.idle();
    expect(warnings).toHaveLength(1);
    for (const part of [ruleArn, FUNCTION, "NO_RESOURCE", "no function conclude"]) expect(warnings[0]).toContain(part);
  });

  test("that fails holds up no other target and no other event", async () => {
    const { buses, sent } = await eventBusesForTest({
      invokeFunction: () => Promise.reject(new Error("down")),
    });
    const targets = [
      { id: "1", arn: FUNCTION, deadLetterArn: DEAD_LETTERS, retryAttempts: 1 },
      { id: "2", arn: QUEUE },
    ];
    buses.putRule({ name: "r", bus: "default", pattern, targets });
    buses.put([event, event]);
    await buses.idle();
    expect(sent.map(({ to }) => to)).toEqual([QUEUE, QUEUE, DEAD_LETTERS, DEAD_LETTERS]);
  });

  test("hands a target its constant input in place of the event", async () => {
    const { buses, sent } = await eventBusesForTest();
    const targets = [{ id: "1", arn: QUEUE, input: '{"sweep":true}' }];
    buses.putRule({ name: "r", bus: "default", pattern, targets });
    buses.put([event]);
    await buses.idle();
    expect(sent[0]?.body).toBe('{"sweep":true}');
  });
});

test("only failures that may pass are worth another try", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, message) => {
      const { code, retriable } = deliveryFailure(named(name, message));
      expect(retriable).toBe(code === "THROTTLING" || code === "ERROR_FROM_TARGET");
    }),
  );
  expect(deliveryFailure(named("QueueDoesNotExist", ""))).toMatchObject({ code: "NO_RESOURCE" });
  expect(deliveryFailure(named("ThrottlingException", ""))).toMatchObject({ code: "THROTTLING" });
  expect(deliveryFailure("text")).toMatchObject({ code: "ERROR_FROM_TARGET", message: "string: text" });
});
