import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

/** The longest that SQS keeps a message. */
const LONGEST_RETENTION = Duration.days(14);

/** A queue encrypted by SQS that takes requests over TLS only and keeps messages for 14 days. */
export class EncryptedQueue extends Queue {
  constructor(scope: Construct, id: string, props: QueueProps & { readonly queueName: string }) {
    super(scope, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: LONGEST_RETENTION,
      removalPolicy: RemovalPolicy.DESTROY,
      ...props,
    });
  }
}
