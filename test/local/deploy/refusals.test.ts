import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DeployError, deploy, readAssembly } from "#local/deploy/index.ts";
import { recordingServices } from "./recording-services.ts";
import { writeAssembly } from "./write-assembly.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "burstgrid-refusals-test-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const { services, recording } = recordingServices("http://127.0.0.1:1");

const deployed = async (templates: Record<string, object>, parameters = {}) => {
  await writeAssembly(folder, templates);
  return await deploy({
    assembly: await readAssembly(folder),
    stacks: Object.keys(templates),
    standIns: {},
    parameters,
    services,
  });
};

const refused = async (templates: Record<string, object>, message: string | RegExp, parameters = {}) => {
  const failure = deployed(templates, parameters);
  await expect(failure).rejects.toThrow(DeployError);
  await expect(failure).rejects.toThrow(message);
};

const resource = (Type: string, Properties: object = {}, more: object = {}) => ({
  One: { Resources: { It: { Type, Properties, ...more } } },
});

describe("what is not implemented is refused by name", () => {
  it("a type of resource", () =>
    refused(
      resource("AWS::SNS::Topic"),
      "One.It (AWS::SNS::Topic): resources of this type are not implemented locally",
    ));

  it.each([
    ["AWS::SQS::Queue", { QueueName: "q.fifo", FifoQueue: true }, "FifoQueue"],
    ["AWS::S3::Bucket", { NotificationConfiguration: {} }, "NotificationConfiguration"],
    ["AWS::Events::EventBus", { Name: "b", EventSourceName: "a" }, "EventSourceName"],
    [
      "AWS::Events::Rule",
      { EventPattern: { source: ["a"] }, Targets: [{ Id: "1", Arn: "a", InputTransformer: {} }] },
      "Targets.0.InputTransformer",
    ],
    [
      "AWS::Lambda::EventSourceMapping",
      { EventSourceArn: "arn:aws:sqs:r:a:q", FunctionName: "f", FilterCriteria: {} },
      "FilterCriteria",
    ],
    [
      "AWS::Lambda::Function",
      { Code: { S3Bucket: "b", S3Key: "k" }, Handler: "i.h", Runtime: "nodejs24.x", Layers: ["l"] },
      "Layers",
    ],
    [
      "AWS::DynamoDB::GlobalTable",
      {
        AttributeDefinitions: [{ AttributeName: "a", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "a", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
        StreamSpecification: { StreamViewType: "NEW_IMAGE" },
      },
      "StreamSpecification",
    ],
    [
      "AWS::StepFunctions::StateMachine",
      { DefinitionS3Location: { Bucket: "b", Key: "k" }, RoleArn: "r", DefinitionString: "{}" },
      "DefinitionString",
    ],
  ])("a property of %s: %j", (type, properties, name) =>
    refused(resource(type, properties), `One.It (${type}): ${name}: this property is not implemented locally`),
  );

  it.each([
    ["AWS::StepFunctions::StateMachine", { StateMachineType: "EXPRESS" }, "StateMachineType"],
    ["AWS::Lambda::Function", { Runtime: "python3.14" }, "Runtime"],
    ["AWS::Lambda::EventSourceMapping", { Enabled: false }, "Enabled"],
    ["AWS::Lambda::EventSourceMapping", { EventSourceArn: "arn:aws:kinesis:r:a:s" }, "EventSourceArn"],
    ["AWS::DynamoDB::GlobalTable", { BillingMode: "PROVISIONED" }, "BillingMode"],
  ])("a value of %s: %j", (type, properties, name) =>
    refused(resource(type, properties), `One.It (${type}): ${name}: `),
  );

  it("a section of a template", () =>
    refused(
      { One: { Transform: "AWS::Serverless-2016-10-31", Resources: {} } },
      "stack One: Transform: not implemented",
    ));

  it("a rule of a template other than CDK's own", () =>
    refused({ One: { Rules: { Mine: {} }, Resources: {} } }, "stack One: Rules.Mine: not implemented"));

  it("an attribute of a resource", () =>
    refused(
      resource("AWS::IAM::Role", {}, { CreationPolicy: {} }),
      "stack One: resource It: CreationPolicy: not implemented",
    ));

  it("a type of parameter", () =>
    refused(
      {
        One: {
          Parameters: { P: { Type: "AWS::EC2::VPC::Id", Default: "vpc-1" } },
          Resources: { It: { Type: "AWS::Events::EventBus", Properties: { Name: { Ref: "P" } } } },
        },
      },
      "parameters of type AWS::EC2::VPC::Id are not implemented locally",
    ));

  it("an attribute that a resource has on AWS but not here", () =>
    refused(
      {
        One: {
          Resources: {
            Role: { Type: "AWS::IAM::Role" },
            It: { Type: "AWS::Events::EventBus", Properties: { Name: { "Fn::GetAtt": ["Role", "Path"] } } },
          },
        },
      },
      "One.It (AWS::Events::EventBus): Role has no attribute Path locally (it has: Arn, RoleId)",
    ));
});

describe("what does not fit is named", () => {
  it("a parameter without a value", () =>
    refused(
      {
        One: {
          Parameters: { Name: { Type: "String" } },
          Resources: { It: { Type: "AWS::Events::EventBus", Properties: { Name: { Ref: "Name" } } } },
        },
      },
      "One.It (AWS::Events::EventBus): parameter Name has no default and was given no value",
    ));

  it("a value for a parameter there is not", () =>
    refused(resource("AWS::IAM::Role"), "stack One has no parameter Nmae", { One: { Nmae: "x" } }));

  it("values for a stack there is not", () =>
    refused(resource("AWS::IAM::Role"), "parameters were given for a stack Grid; those to deploy are One", {
      Grid: {},
    }));

  it("a parameter of Systems Manager that nobody has set", () =>
    refused(
      {
        One: {
          Parameters: { P: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/images/a" } },
          Resources: { It: { Type: "AWS::Events::EventBus", Properties: { Name: { Ref: "P" } } } },
        },
      },
      "parameter P: no stack before this one sets /images/a in Systems Manager",
    ));

  it("an import of what no stack exports", () =>
    refused(
      resource("AWS::Events::EventBus", { Name: { "Fn::ImportValue": "x" } }),
      "no stack before this one exports x",
    ));

  it("resources that need each other", () =>
    refused(
      {
        One: {
          Resources: {
            A: { Type: "AWS::IAM::Role", Properties: { x: { Ref: "B" } } },
            B: { Type: "AWS::IAM::Role", Properties: { x: { Ref: "A" } } },
          },
        },
      },
      "these need each other: A → B → A",
    ));
});

describe("what is implemented", () => {
  it("a stack reads exports and outputs of the one before it, however they are listed", async () => {
    const { outputs, exports } = await deployed({
      First: {
        Resources: { Role: { Type: "AWS::IAM::Role" } },
        Outputs: {
          Arn: { Value: { "Fn::GetAtt": ["Role", "Arn"] }, Export: { Name: { "Fn::Sub": `\${AWS::StackName}:Arn` } } },
        },
      },
      Second: {
        Resources: {},
        Outputs: {
          Imported: { Value: { "Fn::ImportValue": "test-first:Arn" } },
          Read: { Value: { "Fn::GetStackOutput": { StackName: "test-first", OutputName: "Arn" } } },
        },
      },
    });
    const arn = "arn:aws:iam::000000000000:role/test-first-Role";
    expect(outputs["Second"]).toEqual({ Imported: arn, Read: arn });
    expect(exports.get("test-first:Arn")).toBe(arn);
  });

  it("a resource or output whose condition is false is left out", async () => {
    const { outputs } = await deployed(
      {
        One: {
          Parameters: { Size: { Type: "String", Default: "small" } },
          Conditions: {
            IsLarge: { "Fn::Equals": [{ Ref: "Size" }, "large"] },
            IsSmall: { "Fn::Not": [{ Condition: "IsLarge" }] },
          },
          Resources: {
            Never: { Type: "AWS::SNS::Topic", Condition: "IsLarge" },
            Bus: { Type: "AWS::Events::EventBus", Condition: "IsSmall", Properties: { Name: "conditional" } },
          },
          Outputs: { Large: { Value: 1, Condition: "IsLarge" }, Small: { Value: 2, Condition: "IsSmall" } },
        },
      },
      {},
    );
    expect(recording.buses).toContain("conditional");
    expect(outputs["One"]).toEqual({ Small: 2 });
  });
});
