import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProviderContext } from "#local/deploy/provider.ts";
import { rule } from "#local/deploy/providers/rule.ts";
import { stateMachine, withSubstitutions } from "#local/deploy/providers/state-machine.ts";
import { table } from "#local/deploy/providers/table.ts";
import { startGateway } from "#local/gateway.ts";
import { openTables } from "#local/tables.ts";
import { type Recording, recordingServices } from "./recording-services.ts";

const opened = new AsyncDisposableStack();
let context: ProviderContext;
let recording: Recording;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "burstgrid-providers-test-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const gateway = opened.adopt(await startGateway({ port: 0 }), (open) => open.close());
  opened.adopt(await openTables({ gateway, folder }), (tables) => tables.close());
  const recorded = recordingServices(gateway.origin);
  const { services } = recorded;
  recording = recorded.recording;
  const nothing = (...path: string[]) => {
    throw new Error(`no asset ${path.join("/")}`);
  };
  context = {
    services,
    parameterStore: new Map(),
    assembly: { stacks: [], images: [], file: nothing, image: nothing },
  };
});
afterAll(() => opened.disposeAsync());

const named = (name: string, properties: object) => ({ name, properties, physicalName: () => "physical" });

describe("a table", () => {
  const keyed = (key: string) => ({
    TableName: "kept",
    AttributeDefinitions: [{ AttributeName: key, AttributeType: "S" }],
    KeySchema: [{ AttributeName: key, KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  });

  it("that is there already with the same keys is kept", async () => {
    const first = await table(named("Table", keyed("pk")), context);
    expect(await table(named("Table", keyed("pk")), context)).toEqual(first);
  });

  it("that is there already with other keys is refused, with what to do", async () => {
    await expect(table(named("Table", keyed("id")), context)).rejects.toThrow(
      "table kept: the one kept on disk has the keys table(pk), the template wants table(id): delete the state folder",
    );
  });
});

describe("a rule", () => {
  const target = {
    Id: "Target0",
    Arn: "arn:aws:lambda:us-east-1:000000000000:function:launch",
    Input: '{"watch":true}',
  };

  it("with a schedule sends its input to its targets at that rate", async () => {
    const expression = "rate(1 minute)";
    await rule(named("Watch", { Name: "watch", ScheduleExpression: expression, Targets: [target] }), context);
    expect(recording.schedules).toEqual([
      { name: "watch", expression, targets: [{ id: "Target0", arn: target.Arn, input: '{"watch":true}' }] },
    ]);
  });

  it.each([
    ["neither a pattern nor a schedule", {}],
    ["both", { EventPattern: { source: ["x"] }, ScheduleExpression: "rate(1 minute)" }],
    ["a schedule that is off", { ScheduleExpression: "rate(1 minute)", State: "DISABLED" }],
  ])("with %s is refused by name", async (_, properties) => {
    await expect(rule(named("Watch", properties), context)).rejects.toThrow("Watch: expected either EventPattern or");
  });
});

describe("a state machine", () => {
  it("gets the value of each placeholder, wherever it stands", () => {
    expect(
      withSubstitutions(`{"a":"\${X}","b":"{% \${Y}.x & '\${X}' %}"}`, { X: "1", Y: "{'k':'v'}" }, "Machine"),
    ).toBe(`{"a":"1","b":"{% {'k':'v'}.x & '1' %}"}`);
  });

  it("whose placeholders are not all filled in is refused, naming them", () => {
    expect(() => withSubstitutions(`\${A} \${B} \${A}`, { C: "1" }, "Grid.Machine")).toThrow(
      "Grid.Machine: DefinitionSubstitutions lacks A, B",
    );
  });

  it("whose definition is no asset of the assembly is refused", async () => {
    const properties = { DefinitionS3Location: { Bucket: "b", Key: "k" }, RoleArn: "r" };
    await expect(stateMachine(named("Machine", properties), context)).rejects.toThrow("no asset b/k");
  });
});
