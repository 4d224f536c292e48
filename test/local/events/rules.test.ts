import { ListTargetsByRuleCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { expect, test } from "vitest";
import { eventBusesForTest, FUNCTION, QUEUE, STATE_MACHINE } from "./fixture.ts";

const ENDED = { source: ["burstgrid"], "detail-type": ["Grid Job Succeeded"] };
const SUCCEEDED = { source: "burstgrid", detailType: "Grid Job Succeeded", detail: { jobId: "a" } };

test("a consumer's rule sends the events it asks for to a queue", async () => {
  const { buses, client, sent } = await eventBusesForTest();
  await client.send(new PutRuleCommand({ Name: "ended", EventPattern: JSON.stringify(ENDED) }));
  await client.send(new PutTargetsCommand({ Rule: "ended", Targets: [{ Id: "queue", Arn: QUEUE }] }));
  buses.put([SUCCEEDED, { ...SUCCEEDED, detailType: "Grid Job Started" }]);
  await buses.idle();
  expect(sent.map(({ to, body }) => [to, JSON.parse(body)["detail-type"]])).toEqual([[QUEUE, "Grid Job Succeeded"]]);
});

test("a rule put again keeps its targets, a target put again is replaced", async () => {
  const { client } = await eventBusesForTest();
  const put = (Id: string, Arn: string) => client.send(new PutTargetsCommand({ Rule: "r", Targets: [{ Id, Arn }] }));
  await client.send(new PutRuleCommand({ Name: "r", EventPattern: JSON.stringify(ENDED) }));
  await put("a", QUEUE);
  await put("b", STATE_MACHINE);
  await put("a", FUNCTION);
  await client.send(new PutRuleCommand({ Name: "r", EventPattern: JSON.stringify(ENDED), State: "DISABLED" }));
  const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: "r" }));
  expect(Targets).toEqual([
    { Id: "b", Arn: STATE_MACHINE },
    { Id: "a", Arn: FUNCTION },
  ]);
});

test("a rule or target that cannot be served is refused by name", async () => {
  const { client } = await eventBusesForTest();
  await expect(client.send(new PutRuleCommand({ Name: "r", EventPattern: "[]" }))).rejects.toThrow(
    /rule r: .* JSON object/,
  );
  await expect(client.send(new PutRuleCommand({ Name: "r", ScheduleExpression: "rate(1 minute)" }))).rejects.toThrow(
    /ScheduleExpression/,
  );
  await expect(
    client.send(new PutTargetsCommand({ Rule: "none", Targets: [{ Id: "a", Arn: QUEUE }] })),
  ).rejects.toThrow(/Rule none does not exist/);
  await client.send(new PutRuleCommand({ Name: "r", EventPattern: JSON.stringify(ENDED) }));
  const topic = "arn:aws:sns:us-east-1:000000000000:topic";
  await expect(client.send(new PutTargetsCommand({ Rule: "r", Targets: [{ Id: "a", Arn: topic }] }))).rejects.toThrow(
    /rule r, target a: .*:sns:/,
  );
});
