import {
  DescribeEventBusCommand,
  DescribeRuleCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import { expect, test } from "vitest";
import { DEAD_LETTERS, eventBusesForTest, STATE_MACHINE } from "./fixture.ts";

const withRule = async () => {
  const opened = await eventBusesForTest();
  opened.buses.createBus("grid");
  const target = {
    id: "job",
    arn: STATE_MACHINE,
    deadLetterArn: DEAD_LETTERS,
    retryAttempts: 7,
    maximumEventAgeSeconds: 60,
  };
  opened.buses.putRule({ name: "jobs", bus: "grid", pattern: { source: ["burstgrid"] }, targets: [target] });
  return opened;
};

test("buses, rules and targets can be read", async () => {
  const { client } = await withRule();
  const { EventBuses } = await client.send(new ListEventBusesCommand({}));
  expect(EventBuses).toEqual([
    { Name: "default", Arn: "arn:aws:events:us-east-1:000000000000:event-bus/default" },
    { Name: "grid", Arn: "arn:aws:events:us-east-1:000000000000:event-bus/grid" },
  ]);
  expect(await client.send(new DescribeEventBusCommand({}))).toMatchObject({ Name: "default" });
  const rule = {
    Name: "jobs",
    Arn: "arn:aws:events:us-east-1:000000000000:rule/grid/jobs",
    EventPattern: '{"source":["burstgrid"]}',
    State: "ENABLED",
    EventBusName: "grid",
  };
  expect((await client.send(new ListRulesCommand({ EventBusName: "grid" }))).Rules).toEqual([rule]);
  expect((await client.send(new ListRulesCommand({ EventBusName: "grid", NamePrefix: "x" }))).Rules).toEqual([]);
  expect(await client.send(new DescribeRuleCommand({ Name: "jobs", EventBusName: "grid" }))).toMatchObject(rule);
  const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: "jobs", EventBusName: "grid" }));
  expect(Targets).toEqual([
    {
      Id: "job",
      Arn: STATE_MACHINE,
      DeadLetterConfig: { Arn: DEAD_LETTERS },
      RetryPolicy: { MaximumRetryAttempts: 7, MaximumEventAgeInSeconds: 60 },
    },
  ]);
});

test("what is not there is told as such", async () => {
  const { client } = await withRule();
  const notFound = { name: "ResourceNotFoundException" };
  await expect(client.send(new DescribeRuleCommand({ Name: "jobs" }))).rejects.toMatchObject(notFound);
  await expect(client.send(new ListRulesCommand({ EventBusName: "x" }))).rejects.toMatchObject(notFound);
  await expect(client.send(new DescribeEventBusCommand({ Name: "x" }))).rejects.toMatchObject(notFound);
});

test("a pattern can be tried on an event", async () => {
  const { client } = await eventBusesForTest();
  const event = {
    id: "1",
    account: "000000000000",
    source: "burstgrid",
    time: "2026-01-01T00:00:00Z",
    region: "us-east-1",
    resources: [],
    "detail-type": "x",
  };
  const tried = (pattern: object, on: object) =>
    client.send(new TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event: JSON.stringify(on) }));
  expect((await tried({ source: ["burstgrid"] }, event)).Result).toBe(true);
  expect((await tried({ source: ["other"] }, event)).Result).toBe(false);
  await expect(tried({ source: [{ almost: 1 }] }, event)).rejects.toMatchObject({
    name: "InvalidEventPatternException",
    message: expect.stringContaining("source: unrecognized match type almost"),
  });
  await expect(tried({ source: ["x"] }, { ...event, id: undefined })).rejects.toThrow("lacking: id");
});

test("an action or a field that is not implemented is refused by name", async () => {
  const { client } = await withRule();
  await expect(client.send(new RemoveTargetsCommand({ Rule: "x", Ids: ["1"] }))).rejects.toThrow(
    /action RemoveTargets/,
  );
  await expect(client.send(new ListRulesCommand({ Limit: 1 }))).rejects.toThrow(/ListRules: .* Limit/);
});

test("a rule that cannot be served is refused when it is put, with its name", async () => {
  const { buses } = await eventBusesForTest();
  const rule = { name: "jobs", bus: "default", pattern: { source: ["x"] }, targets: [{ id: "1", arn: STATE_MACHINE }] };
  expect(() => buses.putRule({ ...rule, pattern: { source: [{ almost: 1 }] } })).toThrow(/rule jobs: .* almost/);
  expect(() => buses.putRule({ ...rule, bus: "nowhere" })).toThrow("Event bus nowhere does not exist");
  const topic = "arn:aws:sns:us-east-1:000000000000:topic";
  expect(() => buses.putRule({ ...rule, targets: [{ id: "t", arn: topic }] })).toThrow(/rule jobs, target t: .*sns/);
  const six = Array.from({ length: 6 }, (_, index) => ({ id: String(index), arn: STATE_MACHINE }));
  expect(() => buses.putRule({ ...rule, targets: six })).toThrow(/at most 5 targets, came 6/);
  const badDlq = [{ id: "t", arn: STATE_MACHINE, deadLetterArn: topic }];
  expect(() => buses.putRule({ ...rule, targets: badDlq })).toThrow(/dead-letter queue must be an SQS queue/);
});

test("a rule that is put again is replaced, and a bus cannot be made twice", async () => {
  const { buses, sent } = await eventBusesForTest();
  const rule = { name: "jobs", bus: "default", pattern: { source: ["x"] }, targets: [{ id: "1", arn: STATE_MACHINE }] };
  buses.putRule(rule);
  buses.putRule({ ...rule, pattern: { source: ["y"] } });
  buses.put([{ source: "x", detailType: "t", detail: {} }]);
  await buses.idle();
  expect(sent).toEqual([]);
  expect(() => buses.createBus("default")).toThrow("already exists");
});
