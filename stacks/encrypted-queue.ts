import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

/** The longest that SQS keeps a message. */
const LONGEST_RETENTION = Duration.days(14);
/** One call to KMS for all messages of this long, not one each five minutes for every reader and sender. */
const DATA_KEY_REUSE = Duration.hours(1);

interface EncryptedQueueProps extends QueueProps {
  readonly queueName: string;
  readonly key: IKey;
}

/** A queue encrypted with the grid's key that takes requests over TLS only and keeps messages for 14 days. */
export class EncryptedQueue extends Queue {
  constructor(scope: Construct, id: string, { key, ...props }: EncryptedQueueProps) {
    super(scope, id, {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      dataKeyReuse: DATA_KEY_REUSE,
      enforceSSL: true,
      retentionPeriod: LONGEST_RETENTION,
      removalPolicy: RemovalPolicy.DESTROY,
      ...props,
    });
  }
}
