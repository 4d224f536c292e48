import { Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";

interface AccessLogsProps {
  readonly grid: string;
  readonly days: number;
}

/**
 * Where the account's buckets log who read and wrote them. Encrypted by S3 itself: log delivery writes to no bucket with a KMS key
 * (S3 user guide, "Enabling Amazon S3 server access logging").
 */
export class AccessLogs extends Construct {
  /** A view: naming it as a target leaves its policy as it is. */
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, { grid, days }: AccessLogsProps) {
    super(scope, id);
    const bucket = new Bucket(this, "Bucket", {
      bucketName: `${grid}-${Aws.ACCOUNT_ID}-${Aws.REGION}-logs`,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ id: "Expire", expiration: Duration.days(days) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: "LogDelivery",
        principals: [new ServicePrincipal("logging.s3.amazonaws.com")],
        actions: ["s3:PutObject"],
        resources: [bucket.arnForObjects("*")],
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    );
    this.bucket = Bucket.fromBucketName(this, "View", bucket.bucketName);
  }
}
