import { Annotations, Duration, RemovalPolicy } from "aws-cdk-lib";
import { Trail as CloudTrail, ReadWriteType } from "aws-cdk-lib/aws-cloudtrail";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { WatchConfig } from "#grid/config/watch.ts";

interface TrailProps {
  readonly grid: string;
  readonly key: IKey;
  /** Where the trail's own bucket is logged. */
  readonly accessLogs: IBucket;
  readonly trail: WatchConfig["trail"];
  /** The grid's bucket. */
  readonly bucket: IBucket;
}

/** Who called which API of AWS in the account, and who read or wrote which object of a job. Log files are signed by digests. */
export class Trail extends Construct {
  constructor(scope: Construct, id: string, { grid, key, accessLogs, trail, bucket }: TrailProps) {
    super(scope, id);
    const files = new Bucket(this, "Files", {
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: "trail/",
      lifecycleRules: [
        {
          id: "Expire",
          expiration: Duration.days(trail.keepDays),
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(2),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Annotations.of(files).acknowledgeWarning(
      "@aws-cdk/aws-s3:accessLogsPolicyNotAdded",
      "the Foundation stack lets the account's buckets log there",
    );
    const events = new CloudTrail(this, "Trail", {
      trailName: grid,
      bucket: files,
      encryptionKey: key,
      enableFileValidation: true,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      ...(!trail.objects && { managementEvents: ReadWriteType.ALL }),
    });
    // A selector of objects says itself whether management events belong to the trail.
    if (trail.objects) {
      events.addS3EventSelector([{ bucket, objectPrefix: "jobs/" }], { includeManagementEvents: trail.management });
    }
  }
}
