import { CfnDataRepositoryAssociation } from "aws-cdk-lib/aws-fsx";
import { Construct } from "constructs";

interface BucketLinkProps {
  readonly fileSystemId: string;
  /** `s3://bucket/prefix/` that the file system's root stands for. */
  readonly bucketUri: string;
  /** Whether files become objects. */
  readonly exports: boolean;
}

const ALL_CHANGES = { events: ["NEW", "CHANGED", "DELETED"] };

/**
 * A data repository association: objects show up as files, read on first use, and files become objects some time after they are
 * closed. Both ways are asynchronous: nothing in a job's flow may wait for them.
 */
export class BucketLink extends Construct {
  constructor(scope: Construct, id: string, { fileSystemId, bucketUri, exports }: BucketLinkProps) {
    super(scope, id);
    new CfnDataRepositoryAssociation(this, "Association", {
      fileSystemId,
      fileSystemPath: "/",
      dataRepositoryPath: bucketUri,
      batchImportMetaDataOnCreate: true,
      s3: { autoImportPolicy: ALL_CHANGES, ...(exports && { autoExportPolicy: ALL_CHANGES }) },
    });
  }
}
