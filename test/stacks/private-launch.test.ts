import { readFileSync } from "node:fs";
import aslValidator from "asl-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withSubstitutions } from "#local/deploy/providers/state-machine.ts";
import { withPrivateLaunch } from "#stacks/private-launch.ts";
import { type SynthesizedFixture, synthesizeFixture } from "./synthesize-fixture.ts";

const definition = readFileSync("state-machines/grid-job.asl.json", "utf8");
const standard = JSON.parse(definition);
const launched = JSON.parse(withPrivateLaunch(definition));

describe("the definition for a private cluster", () => {
  it("is the same but for the states that run a Kubernetes Job", () => {
    const { Split, Merge, ...others } = launched.States;
    expect(launched).toEqual({ ...standard, States: { ...others, Split, Merge } });
    const { Split: _split, Merge: _merge, ...standardOthers } = standard.States;
    expect(others).toEqual(standardOthers);
  });

  it.each(["Split", "Merge"])("%s hands the very Job to the launcher, and waits for the master's token", (name) => {
    const state = launched.States[name];
    expect(state).toMatchObject({
      Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
      Arguments: { Payload: { token: "{% $states.context.Task.Token %}" } },
      TimeoutSeconds: standard.States[name].TimeoutSeconds,
      Next: standard.States[name].Next,
    });
    expect(state.Arguments.Payload.job).toEqual(standard.States[name].Arguments.Job);
  });

  it.each(["Split", "Merge"])(
    "%s is tried again when the cluster or Lambda is busy, as patiently as by runJob",
    (name) => {
      const [retry] = launched.States[name].Retry;
      const [asBefore] = standard.States[name].Retry;
      expect(retry).toEqual({ ...asBefore, ErrorEquals: expect.arrayContaining(["Kubernetes.Unavailable"]) });
      expect(retry.ErrorEquals.join()).not.toContain("EKS.");
    },
  );

  it("is valid Amazon States Language", () => {
    const values = Object.fromEntries(
      [...withPrivateLaunch(definition).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name!, name!]),
    );
    const filledIn = withSubstitutions(
      withPrivateLaunch(definition),
      { ...values, Images: "{'general':'image'}" },
      "grid-job",
    );
    const { isValid, errorsText } = aslValidator(JSON.parse(filledIn));
    expect(errorsText("\n")).toBe("");
    expect(isValid).toBe(true);
  });

  it("is refused to a machine whose runJob states have no Job or no Retry, by the state's name", () => {
    const machine = (state: object) => JSON.stringify({ States: { Build: state } });
    const Resource = "arn:aws:states:::eks:runJob.sync";
    expect(() => withPrivateLaunch(machine({ Resource, Arguments: {} }))).toThrow('state "Build"');
    expect(() => withPrivateLaunch(machine({ Resource, Arguments: { Job: {} } }))).toThrow('state "Build"');
  });
});

describe("a grid whose cluster is private", () => {
  let fixture: SynthesizedFixture;
  beforeAll(async () => {
    fixture = await synthesizeFixture("test/fixtures/configs/private-endpoint.config.ts");
  });
  afterAll(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  it("fills in every placeholder of its definition, and tells the machine of no cluster", () => {
    const [machine] = Object.values(fixture.grid.findResources("AWS::StepFunctions::StateMachine"));
    const { DefinitionSubstitutions } = machine!["Properties"];
    const placeholders = [...withPrivateLaunch(definition).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(DefinitionSubstitutions)).toEqual(expect.arrayContaining(placeholders));
    expect(Object.keys(DefinitionSubstitutions).join()).not.toContain("Cluster");
  });

  it("launches masters from its private subnets, by HTTPS alone", () => {
    const [launcher] = Object.values(
      fixture.grid.findResources("AWS::Lambda::Function", { Properties: { FunctionName: "private-launch" } }),
    );
    expect(launcher!["Properties"].VpcConfig.SubnetIds).toHaveLength(3);
    for (const { Properties } of Object.values(fixture.grid.findResources("AWS::EC2::SecurityGroup"))) {
      expect(Properties.SecurityGroupEgress).toMatchObject([{ FromPort: 443, ToPort: 443 }]);
      expect(Properties.SecurityGroupIngress).toBeUndefined();
    }
    fixture.grid.hasResourceProperties("AWS::EC2::SecurityGroupIngress", { FromPort: 443, ToPort: 443 });
  });

  it("lets the launcher run Jobs in the cluster, and the state machine no more", () => {
    const [entry] = Object.values(fixture.pools.findResources("AWS::EKS::AccessEntry"));
    expect(JSON.stringify(entry!["Properties"].PrincipalArn)).toContain("LauncherLaunchRole");
  });

  it("looks after masters every minute", () => {
    fixture.grid.hasResourceProperties("AWS::Events::Rule", { ScheduleExpression: "rate(1 minute)" });
  });
});
