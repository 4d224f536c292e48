import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { expect, test } from "vitest";
import { eventBusesForTest, FUNCTION, QUEUE, STATE_MACHINE } from "./fixture.ts";

const entry = { Source: "burstgrid", DetailType: "Grid Job Requested", Detail: '{"application":"a"}' };

test("an event goes, whole and in its envelope, to every target of every rule that it meets", async () => {
  const { buses, client, sent } = await eventBusesForTest();
  const bus = buses.createBus("grid");
  const pattern = { source: ["burstgrid"] };
  buses.putRule({
    name: "jobs",
    bus,
    pattern,
    targets: [
      { id: "1", arn: STATE_MACHINE },
      { id: "2", arn: QUEUE },
    ],
  });
  buses.putRule({ name: "also", bus: "grid", pattern, targets: [{ id: "1", arn: FUNCTION }] });
  buses.putRule({ name: "other", bus, pattern: { source: ["x"] }, targets: [{ id: "1", arn: FUNCTION }] });
  buses.putRule({ name: "off", bus, pattern, state: "DISABLED", targets: [{ id: "1", arn: FUNCTION }] });
  buses.putRule({ name: "default", bus: "default", pattern, targets: [{ id: "1", arn: FUNCTION }] });
  const Time = new Date("2026-03-01T12:00:00.789Z");
  const { Entries } = await client.send(
    new PutEventsCommand({ Entries: [{ ...entry, EventBusName: bus, Time, Resources: ["arn:r"] }] }),
  );
  await buses.idle();
  expect(sent.map(({ to }) => to)).toEqual([STATE_MACHINE, QUEUE, FUNCTION]);
  const expected = {
    version: "0",
    id: Entries?.[0]?.EventId,
    "detail-type": "Grid Job Requested",
    source: "burstgrid",
    account: "000000000000",
    time: "2026-03-01T12:00:00Z",
    region: "us-east-1",
    resources: ["arn:r"],
    detail: { application: "a" },
  };
  for (const { body } of sent) expect(JSON.parse(body)).toEqual(expected);
});

test("entries that are refused are named one by one, and the others are taken", async () => {
  const { buses, client, sent } = await eventBusesForTest();
  buses.putRule({
    name: "all",
    bus: "default",
    pattern: { source: ["burstgrid"] },
    targets: [{ id: "1", arn: QUEUE }],
  });
  const { FailedEntryCount, Entries } = await client.send(
    new PutEventsCommand({
      Entries: [
        { ...entry, Source: undefined },
        { ...entry, DetailType: "" },
        { ...entry, Detail: undefined },
        { ...entry, Detail: "[1]" },
        { ...entry, Detail: "{" },
        { ...entry, Source: "aws.states" },
        entry,
      ],
    }),
  );
  expect(FailedEntryCount).toBe(6);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    "InvalidArgument",
    "InvalidArgument",
    "InvalidArgument",
    "MalformedDetail",
    "MalformedDetail",
    "NotAuthorizedForSourceException",
    undefined,
  ]);
  expect(Entries?.[0]?.ErrorMessage).toBe("Parameter Source is not valid. Reason: Source is a required argument.");
  await buses.idle();
  expect(sent).toHaveLength(1);
});

test("a request of no entries, of more than 10, or of 1 MB is refused whole", async () => {
  const { client } = await eventBusesForTest();
  const put = (Entries: object[]) => client.send(new PutEventsCommand({ Entries }));
  await expect(put([])).rejects.toMatchObject({ name: "ValidationException", message: /1 to 10 Entries, came 0/ });
  await expect(put(Array(11).fill(entry))).rejects.toThrow("came 11");
  const half = JSON.stringify({ text: "x".repeat(512 * 1024) });
  await expect(
    put([
      { ...entry, Detail: half },
      { ...entry, Detail: half },
    ]),
  ).rejects.toThrow(/over the limit/);
  const { FailedEntryCount } = await put([{ ...entry, Detail: half }]);
  expect(FailedEntryCount).toBe(0);
});

test("a field that is not implemented is refused by name", async () => {
  const { client } = await eventBusesForTest();
  const command = new PutEventsCommand({ Entries: [{ ...entry, TraceHeader: "Root=1" }] });
  await expect(client.send(command)).rejects.toThrow(/PutEvents Entries.1: .* TraceHeader/);
});

test("an event for a bus that is not there is taken and dropped, with a warning", async () => {
  const { client, warnings } = await eventBusesForTest();
  const { FailedEntryCount, Entries } = await client.send(
    new PutEventsCommand({ Entries: [{ ...entry, EventBusName: "nowhere" }] }),
  );
  expect(FailedEntryCount).toBe(0);
  expect(warnings).toEqual([expect.stringMatching(`${Entries?.[0]?.EventId} .* there is no event bus nowhere`)]);
});

test("events of AWS services are put from inside, onto the default bus", async () => {
  const { buses, sent } = await eventBusesForTest();
  const pattern = { source: ["aws.states"], detail: { status: ["FAILED", "TIMED_OUT", "ABORTED"] } };
  buses.putRule({ name: "ended", bus: "default", pattern, targets: [{ id: "1", arn: FUNCTION }] });
  const ended = (status: string) => ({
    source: "aws.states",
    detailType: "Step Functions Execution Status Change",
    detail: { status },
  });
  const [, failed] = buses.put([ended("SUCCEEDED"), ended("FAILED")]);
  await buses.idle();
  expect(sent.map(({ body }) => JSON.parse(body).id)).toEqual([failed]);
});
