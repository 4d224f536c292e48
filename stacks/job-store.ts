import { Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { bucketName } from "#grid/names.ts";

/** The bucket of inputs, tasks and results: the truth about them. Keys: `jobKeys` of grid/names.ts. */
export class JobStore extends Construct {
  private readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { grid }: { readonly grid: string }) {
    super(scope, id);
    this.bucket = new Bucket(this, "Bucket", {
      bucketName: bucketName(grid, Aws.ACCOUNT_ID, Aws.REGION),
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ id: "AbortUploads", abortIncompleteMultipartUploadAfter: Duration.days(2) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  get bucketName(): string {
    return this.bucket.bucketName;
  }

  /** Reads objects of jobs. Listing is granted too: without it S3 answers 403 where a key is absent, not 404. */
  grantRead(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ["s3:GetObject"], resourceArns: [this.bucket.arnForObjects("jobs/*")] });
    Grant.addToPrincipal({ grantee, actions: ["s3:ListBucket"], resourceArns: [this.bucket.bucketArn] });
  }

  /** Writes objects of jobs; `below` narrows it to keys of that form (`jobs/*` if not given). */
  grantWrite(grantee: IGrantable, below = "jobs/*"): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
      resourceArns: [this.bucket.arnForObjects(below)],
    });
  }
}
