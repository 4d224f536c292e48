import { readFileSync } from "node:fs";
import aslValidator from "asl-validator";
import { afterAll, beforeAll, expect, it } from "vitest";
import { withSubstitutions } from "#local/deploy/providers/state-machine.ts";
import { type SynthesizedFixture, synthesizeFixture } from "./synthesize-fixture.ts";

const definition = readFileSync("state-machines/grid-job.asl.json", "utf8");

let fixture: SynthesizedFixture;
interface Machine {
  readonly DefinitionSubstitutions: Readonly<Record<string, unknown>> & {
    readonly Images: { readonly "Fn::Join": readonly [string, readonly unknown[]] };
  };
}

let machine: Machine;
beforeAll(async () => {
  fixture = await synthesizeFixture();
  const [resource] = Object.values(fixture.grid.findResources("AWS::StepFunctions::StateMachine"));
  machine = resource!["Properties"];
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

it("the definition is valid Amazon States Language", () => {
  const values = Object.fromEntries(Object.keys(machine.DefinitionSubstitutions).map((name) => [name, name]));
  const filledIn = withSubstitutions(definition, { ...values, Images: "{'general':'image'}" }, "grid-job");
  const { isValid, errorsText } = aslValidator(JSON.parse(filledIn));
  expect(errorsText("\n")).toBe("");
  expect(isValid).toBe(true);
});

it("every placeholder of the definition is filled in", () => {
  const placeholders = new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!));
  expect(Object.keys(machine.DefinitionSubstitutions)).toEqual(expect.arrayContaining([...placeholders]));
});

it("endpoint and certificate are those of the cluster, read when the stack is deployed", () => {
  const output = (name: string) => ({ "Fn::GetStackOutput": { OutputName: expect.stringContaining(name) } });
  expect(machine.DefinitionSubstitutions).toMatchObject({
    ClusterName: "demo",
    ClusterEndpoint: output("Endpoint"),
    ClusterCertificateAuthority: output("CertificateAuthorityData"),
  });
});

it("each pool's image stands in the definition under the pool's name, as a JSONata object in single quotes", () => {
  const [, parts] = machine.DefinitionSubstitutions.Images["Fn::Join"];
  const text = parts.map((part) => (typeof part === "string" ? part : "URI")).join("");
  expect(text).toMatch(/^\{'general':'.+','python':'.+'\}$/);
  expect(text).not.toContain('"');
});

it("the machine is a STANDARD one that logs errors and is traced", () => {
  expect(machine).toMatchObject({
    StateMachineName: "demo-job",
    StateMachineType: "STANDARD",
    LoggingConfiguration: { Level: "ERROR" },
    TracingConfiguration: { Enabled: true },
  });
});
