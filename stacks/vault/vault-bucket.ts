import { Annotations, Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import { Grant, type IGrantable, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { RECOVERY_KEY, SNAPSHOT_PREFIX } from "#grid/vault.ts";

interface VaultBucketProps {
  readonly grid: string;
  /** Days that snapshots are kept. */
  readonly snapshotDays: number;
  readonly key: IKey;
  readonly accessLogs: IBucket;
}

/** An object that was overwritten can be brought back for this long. */
const NONCURRENT_DAYS = 30;

/** Raft snapshots and the recovery keys. It and its key outlive the stack: with them Vault can be made again. */
export class VaultBucket extends Construct {
  private readonly bucket: Bucket;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { grid, snapshotDays, key, accessLogs }: VaultBucketProps) {
    super(scope, id);
    this.key = key;
    this.bucket = new Bucket(this, "Bucket", {
      bucketName: `${grid}-${Aws.ACCOUNT_ID}-${Aws.REGION}-vault`,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: "vault/",
      lifecycleRules: [
        { id: "ForgetSnapshots", prefix: SNAPSHOT_PREFIX, expiration: Duration.days(snapshotDays) },
        { id: "ForgetVersions", noncurrentVersionExpiration: Duration.days(NONCURRENT_DAYS) },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Annotations.of(this.bucket).acknowledgeWarning(
      "@aws-cdk/aws-s3:accessLogsPolicyNotAdded",
      "the Foundation stack lets the account's buckets log there",
    );
  }

  get name(): string {
    return this.bucket.bucketName;
  }

  /** Reads and writes the record of recovery keys. Listing is granted too: without it S3 answers 403 where it is absent, not 404. */
  grantRecovery(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["s3:GetObject", "s3:PutObject"],
      resourceArns: [this.bucket.arnForObjects(RECOVERY_KEY)],
    });
    Grant.addToPrincipal({ grantee, actions: ["s3:ListBucket"], resourceArns: [this.bucket.bucketArn] });
    this.grantKey(grantee, "kms:Decrypt", "kms:GenerateDataKey");
  }

  /** Adds snapshots, and reads none. */
  grantAddSnapshot(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["s3:PutObject"],
      resourceArns: [this.bucket.arnForObjects(`${SNAPSHOT_PREFIX}*`)],
    });
    this.grantKey(grantee, "kms:GenerateDataKey");
  }

  /** By way of S3 only: the same key unseals Vault. */
  private grantKey(grantee: IGrantable, ...actions: string[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions,
        resources: [this.key.keyArn],
        conditions: { StringEquals: { "kms:ViaService": `s3.${Aws.REGION}.amazonaws.com` } },
      }),
    );
  }
}
