import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DeployError, deploy, readAssembly, type StandIns } from "#local/deploy/index.ts";
import { recordingServices } from "./recording-services.ts";
import { writeAssembly } from "./write-assembly.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "burstgrid-stand-ins-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const { services } = recordingServices("http://127.0.0.1:1");

const CLUSTER: StandIns = {
  "AWS::EKS::Cluster": { reason: "a test", ref: "stand-in", attributes: { Endpoint: "http://127.0.0.1:1" } },
};

/** The outputs of a stack that reads one of Platform, which is not deployed. */
async function read(platform: object, output: string, standIns: StandIns) {
  await writeAssembly(folder, {
    Platform: platform,
    Flow: {
      Resources: {},
      Outputs: { Read: { Value: { "Fn::GetStackOutput": { StackName: "test-platform", OutputName: output } } } },
    },
  });
  const { outputs } = await deploy({ assembly: await readAssembly(folder), stacks: ["Flow"], standIns, services });
  return outputs["Flow"]?.["Read"];
}

const platform = {
  // What is of no use to a stack that is deployed may be anything.
  Transform: "AWS::Serverless-2016-10-31",
  Resources: {
    Cluster: { Type: "AWS::EKS::Cluster" },
    Key: { Type: "AWS::KMS::Key" },
    Topic: { Type: "AWS::SNS::Topic" },
  },
  Outputs: {
    Name: { Value: { Ref: "Cluster" } },
    Api: { Value: { "Fn::Join": ["", [{ "Fn::GetAtt": ["Cluster", "Endpoint"] }, "/api"]] } },
    Arn: { Value: { "Fn::GetAtt": ["Cluster", "Arn"] } },
    KeyArn: { Value: { "Fn::GetAtt": ["Key", "Arn"] } },
    TopicArn: { Value: { Ref: "Topic" } },
  },
};

it("an output of a stack that is not deployed is worked out from stand-ins for its resources", async () => {
  expect(await read(platform, "Name", CLUSTER)).toBe("stand-in");
  expect(await read(platform, "Api", CLUSTER)).toBe("http://127.0.0.1:1/api");
});

it("types that mean nothing on a laptop need no stand-in", async () => {
  expect(await read(platform, "KeyArn", {})).toBe("arn:aws:kms:us-east-1:000000000000:key/test-platform-Key");
});

it.each([
  [
    "a type for which nothing stands in",
    "TopicArn",
    "Topic (AWS::SNS::Topic): nothing stands in for this type locally",
  ],
  ["an attribute that a stand-in has not", "Arn", "Cluster has no attribute Arn locally (it has: Endpoint)"],
  ["an output that there is not", "Nmae", "stack Platform has no output Nmae"],
])("%s is named", async (_what, output, message) => {
  const failure = read(platform, output, CLUSTER);
  await expect(failure).rejects.toThrow(DeployError);
  await expect(failure).rejects.toThrow(message);
});

it("a stack to deploy that the assembly does not have is named", async () => {
  await writeAssembly(folder, { Flow: { Resources: {} } });
  const assembly = await readAssembly(folder);
  await expect(deploy({ assembly, stacks: ["Flow", "Grid"], standIns: {}, services })).rejects.toThrow(
    "the assembly has no stack Grid (it has: Flow)",
  );
});

it("a stack reads what one before it has set in Systems Manager", async () => {
  await writeAssembly(folder, {
    First: {
      Resources: {
        It: { Type: "AWS::SSM::Parameter", Properties: { Name: "/images/a", Type: "String", Value: "uri" } },
      },
    },
    Second: {
      Parameters: { Image: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/images/a" } },
      Resources: {},
      Outputs: { Image: { Value: { Ref: "Image" } } },
    },
  });
  const assembly = await readAssembly(folder);
  const { outputs } = await deploy({ assembly, stacks: ["First", "Second"], standIns: {}, services });
  expect(outputs["Second"]).toEqual({ Image: "uri" });
});
