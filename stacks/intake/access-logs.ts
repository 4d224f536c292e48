import { Annotations, Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct, type IDependable } from "constructs";

interface AccessLogsProps {
  /** After which log files are deleted. */
  readonly keepDays: number;
  /** Where accesses to these logs are logged. */
  readonly accessLogs: IBucket;
}

/** The bucket of the load balancer's access logs. Its own key would shut them out: load balancers only write with S3's keys. */
export class AccessLogs extends Construct {
  private readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { keepDays, accessLogs }: AccessLogsProps) {
    super(scope, id);
    this.bucket = new Bucket(this, "Bucket", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: "intake/",
      lifecycleRules: [
        {
          id: "ExpireLogs",
          expiration: Duration.days(keepDays),
          abortIncompleteMultipartUploadAfter: Duration.days(2),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Annotations.of(this.bucket).acknowledgeWarning(
      "@aws-cdk/aws-s3:accessLogsPolicyNotAdded",
      "the Foundation stack lets the account's buckets log there",
    );
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: "LogDelivery",
        principals: [new ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")],
        actions: ["s3:PutObject"],
        resources: [this.bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/*`)],
      }),
    );
  }

  get bucketName(): string {
    return this.bucket.bucketName;
  }

  /** There once load balancers may write: they try when logging is switched on. */
  get writable(): IDependable {
    return this.bucket.policy!;
  }
}
