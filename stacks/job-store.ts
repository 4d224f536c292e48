import { Annotations, Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { StorageConfig } from "#grid/config/storage.ts";
import { bucketName } from "#grid/names.ts";
import { grantDecrypt, grantEncrypt } from "./key-grants.ts";

/** What the shared file system holds: its root is this prefix, and a job's own folder is `jobs/<job>`. */
const SHARED_PREFIX = "shared/";

interface JobStoreProps {
  readonly grid: string;
  readonly settings: StorageConfig;
  readonly key: IKey;
  readonly accessLogs: IBucket;
}

/** The bucket of inputs, tasks and results: the truth about them. Keys: `jobKeys` of grid/names.ts. */
export class JobStore extends Construct {
  readonly bucket: IBucket;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { grid, settings, key, accessLogs }: JobStoreProps) {
    super(scope, id);
    this.key = key;
    this.bucket = new Bucket(this, "Bucket", {
      bucketName: bucketName(grid, Aws.ACCOUNT_ID, Aws.REGION),
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: "jobs/",
      lifecycleRules: [
        { id: "AbortUploads", abortIncompleteMultipartUploadAfter: Duration.days(2) },
        { id: "ForgetJobs", prefix: "jobs/", expiration: Duration.days(settings.jobDays) },
        { id: "ForgetSharedFiles", prefix: `${SHARED_PREFIX}jobs/`, expiration: Duration.days(settings.jobDays) },
        {
          id: "ForgetVersions",
          noncurrentVersionExpiration: Duration.days(settings.noncurrentDays),
          expiredObjectDeleteMarker: true,
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Annotations.of(this.bucket).acknowledgeWarning(
      "@aws-cdk/aws-s3:accessLogsPolicyNotAdded",
      "the Foundation stack lets the account's buckets log there",
    );
  }

  /** Where the shared file system is mirrored, as an S3 URI. */
  get sharedFiles(): string {
    return this.bucket.s3UrlForObject(SHARED_PREFIX);
  }

  get bucketName(): string {
    return this.bucket.bucketName;
  }

  /** Reads objects of jobs. Listing is granted too: without it S3 answers 403 where a key is absent, not 404. */
  grantRead(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ["s3:GetObject"], resourceArns: [this.bucket.arnForObjects("jobs/*")] });
    Grant.addToPrincipal({ grantee, actions: ["s3:ListBucket"], resourceArns: [this.bucket.bucketArn] });
    grantDecrypt(this.key, grantee);
  }

  /** Writes objects of jobs; `below` narrows it to keys of that form (`jobs/*` if not given). */
  grantWrite(grantee: IGrantable, below = "jobs/*"): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
      resourceArns: [this.bucket.arnForObjects(below)],
    });
    grantEncrypt(this.key, grantee);
  }
}
