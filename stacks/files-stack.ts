import { Stack } from "aws-cdk-lib";
import type { IVpc } from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import type { Grid } from "#grid/config.ts";
import { BucketLink } from "./files/bucket-link.ts";
import { SharedFileSystem } from "./files/shared-file-system.ts";
import type { JobStore } from "./job-store.ts";

interface FilesStackProps {
  readonly grid: Grid;
  readonly vpc: IVpc;
  readonly key: IKey;
  readonly store: JobStore;
}

/** The shared file system of masters and workers, and its link to the grid's bucket. */
export class FilesStack extends Stack {
  readonly fileSystem: SharedFileSystem;

  constructor(scope: Construct, id: string, { grid, vpc, key, store }: FilesStackProps) {
    super(scope, id, {
      stackName: `${grid.name}-files`,
      description: `Burstgrid "${grid.name}": FSx for Lustre, linked to the bucket`,
    });
    this.fileSystem = new SharedFileSystem(this, "FileSystem", {
      settings: grid.fileSystem,
      vpc,
      cidr: grid.network.cidr,
      key,
    });
    new BucketLink(this, "BucketLink", {
      fileSystemId: this.fileSystem.id,
      bucketUri: store.sharedFiles,
      exports: grid.fileSystem.exportToBucket,
    });
  }
}
