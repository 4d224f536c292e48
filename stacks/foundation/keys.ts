import { Aws, RemovalPolicy } from "aws-cdk-lib";
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";

/**
 * The grid's KMS keys ($1 a month each), rotated every year. They are views: another stack's grant goes to its principal, never into
 * the key's policy, so no stack below is needed to make a key.
 */
export interface GridKeys {
  /** Bucket, ledger, queues, bus and file system. */
  readonly data: IKey;
  /** Log groups, trail and alarm topics. */
  readonly logs: IKey;
  /** Kubernetes secrets and the nodes' volumes. */
  readonly cluster: IKey;
  /** Unseals Vault. Who loses it loses all that Vault holds. */
  readonly vault: IKey;
}

const USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];

/** Makes the keys, and says which AWS services may use them by themselves. */
export class Keys extends Construct implements GridKeys {
  readonly data: IKey;
  readonly logs: IKey;
  readonly cluster: IKey;
  readonly vault: IKey;

  constructor(scope: Construct, id: string, { grid }: { readonly grid: string }) {
    super(scope, id);
    const make = (name: string, description: string, statements: readonly PolicyStatement[]): IKey => {
      const key = new Key(this, name, {
        alias: `${grid}-${name.toLowerCase()}`,
        description: `Burstgrid "${grid}": ${description}`,
        enableKeyRotation: true,
        removalPolicy: RemovalPolicy.RETAIN,
      });
      for (const statement of statements) key.addToResourcePolicy(statement);
      return Key.fromKeyArn(this, `${name}View`, key.keyArn);
    };

    this.data = make("Data", "bucket, ledger, queues, bus, file system", [
      serviceUse("EventBridge", "events.amazonaws.com"),
      logDelivery(),
      fileSystemLink(),
    ]);
    this.logs = make("Logs", "log groups, trail, alarm topics", [
      new PolicyStatement({
        sid: "LogGroups",
        principals: [new ServicePrincipal(`logs.${Aws.REGION}.amazonaws.com`)],
        actions: USE,
        resources: ["*"],
        conditions: {
          ArnLike: {
            "kms:EncryptionContext:aws:logs:arn": `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:*`,
          },
        },
      }),
      serviceUse("Alarms", "cloudwatch.amazonaws.com"),
      serviceUse("Budgets", "budgets.amazonaws.com"),
      serviceUse("Rules", "events.amazonaws.com"),
      serviceUse("Trail", "cloudtrail.amazonaws.com"),
    ]);
    this.cluster = make("Cluster", "Kubernetes secrets and volumes of nodes", [volumesOfNodes()]);
    this.vault = make("Vault", "unseals Vault", []);
  }
}

/** A service of AWS uses a key for this account's own resources. */
const serviceUse = (sid: string, service: string) =>
  new PolicyStatement({
    sid,
    principals: [new ServicePrincipal(service)],
    actions: USE,
    resources: ["*"],
    conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
  });

/** Step Functions' logs of a machine that is encrypted with the key. */
const logDelivery = () =>
  new PolicyStatement({
    sid: "LogDelivery",
    principals: [new ServicePrincipal("delivery.logs.amazonaws.com")],
    actions: ["kms:Decrypt"],
    resources: ["*"],
    conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
  });

/**
 * FSx for Lustre's own role for the link to the bucket (FSx for Lustre guide, "Working with server-side encrypted Amazon S3 buckets").
 * It is made with the link, so that the policy can name it by pattern only.
 */
const fileSystemLink = () =>
  new PolicyStatement({
    sid: "FileSystemLink",
    principals: [new AnyPrincipal()],
    actions: USE,
    resources: ["*"],
    conditions: {
      StringEquals: { "kms:CallerAccount": Aws.ACCOUNT_ID },
      ArnLike: {
        "aws:PrincipalArn": `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/aws-service-role/s3.data-source.lustre.fsx.amazonaws.com/AWSServiceRoleForFSxS3Access_*`,
      },
    },
  });

/**
 * Whoever starts an instance (Auto Scaling's own role among them) encrypts its volumes by way of EC2: what the policy of the key
 * `aws/ebs` says too.
 */
const volumesOfNodes = () =>
  new PolicyStatement({
    sid: "VolumesOfNodes",
    principals: [new AnyPrincipal()],
    actions: [...USE, "kms:CreateGrant"],
    resources: ["*"],
    conditions: {
      StringEquals: { "kms:CallerAccount": Aws.ACCOUNT_ID, "kms:ViaService": `ec2.${Aws.REGION}.amazonaws.com` },
    },
  });
