import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import type { FileSystemConfig } from "#grid/config/file-system.ts";
import { BucketLink } from "#stacks/files/bucket-link.ts";
import { SharedFileSystem } from "#stacks/files/shared-file-system.ts";
import { foundationOf } from "./synthesize-platform.ts";

const templateOf = (fileSystem: typeof FileSystemConfig.Encoded = {}) => {
  const { app, grid, stack } = foundationOf({ fileSystem });
  const files = new Stack(app, "Files");
  const made = new SharedFileSystem(files, "FileSystem", {
    settings: grid.fileSystem,
    vpc: stack.vpc,
    cidr: grid.network.cidr,
    key: stack.keys.data,
  });
  return { template: Template.fromStack(files), made };
};

describe("the file system", () => {
  it("is a PERSISTENT_2 of 1,200 GiB under the grid's key, and outlives its stack", () => {
    const { template } = templateOf();
    template.hasResource("AWS::FSx::FileSystem", {
      DeletionPolicy: "Retain",
      Properties: {
        FileSystemTypeVersion: "2.15",
        StorageCapacity: 1200,
        KmsKeyId: Match.anyValue(),
        LustreConfiguration: {
          DeploymentType: "PERSISTENT_2",
          PerUnitStorageThroughput: 125,
          DataCompressionType: "LZ4",
        },
      },
    });
  });

  it("may be a SCRATCH_2, which goes with its stack and has no throughput to choose", () => {
    const { template } = templateOf({ type: "SCRATCH_2", gibibytes: 4800, throughput: 500 });
    template.hasResource("AWS::FSx::FileSystem", {
      DeletionPolicy: "Delete",
      Properties: {
        StorageCapacity: 4800,
        KmsKeyId: Match.absent(),
        LustreConfiguration: { DeploymentType: "SCRATCH_2", PerUnitStorageThroughput: Match.absent() },
      },
    });
  });

  it("lies in the zone that the config names", () => {
    expect(templateOf({ zone: 2 }).made.zone).not.toBe(templateOf().made.zone);
    templateOf({ zone: 2 }).template.hasResourceProperties("AWS::FSx::FileSystem", {
      SubnetIds: [{ "Fn::GetStackOutput": Match.objectLike({ OutputName: Match.stringLikeRegexp("computeSubnet3") }) }],
    });
  });

  it("takes Lustre's ports from the VPC and no others", () => {
    templateOf().template.hasResourceProperties("AWS::EC2::SecurityGroup", {
      SecurityGroupIngress: [
        Match.objectLike({ CidrIp: "10.40.0.0/16", FromPort: 988, ToPort: 988 }),
        Match.objectLike({ CidrIp: "10.40.0.0/16", FromPort: 1018, ToPort: 1023 }),
      ],
    });
  });

  it.each([1000, 3600, 0])("of %i GiB is refused: FSx has no such size", (gibibytes) => {
    expect(() => foundationOf({ fileSystem: { gibibytes } })).toThrow(
      "fileSystem.gibibytes: expected 1200 or a multiple of 2400",
    );
  });
});

describe("the link to the bucket", () => {
  const ALL = { Events: ["NEW", "CHANGED", "DELETED"] };
  const linked = (exports: boolean) => {
    const stack = new Stack(new App(), "Files");
    new BucketLink(stack, "Link", { fileSystemId: "fs-1", bucketUri: "s3://bucket/shared/", exports });
    return Template.fromStack(stack);
  };

  it("shows objects as files, and files as objects", () => {
    linked(true).hasResourceProperties("AWS::FSx::DataRepositoryAssociation", {
      FileSystemPath: "/",
      DataRepositoryPath: "s3://bucket/shared/",
      S3: { AutoImportPolicy: ALL, AutoExportPolicy: ALL },
    });
  });

  it("leaves files alone where the config says so", () => {
    linked(false).hasResourceProperties("AWS::FSx::DataRepositoryAssociation", {
      S3: { AutoImportPolicy: ALL, AutoExportPolicy: Match.absent() },
    });
  });
});
