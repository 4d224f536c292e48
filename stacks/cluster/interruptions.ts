import { Duration } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { EncryptedQueue } from "../encrypted-queue.ts";
import { grantDecrypt } from "../key-grants.ts";

interface InterruptionsProps {
  readonly cluster: string;
  readonly key: IKey;
}

/** A notice is of use for the two minutes that EC2 gives; Karpenter's own template keeps them five. */
const RETENTION = Duration.minutes(5);

/** What EC2 and AWS Health tell of instances that are about to go. */
const NOTICES = {
  SpotInterruption: { source: "aws.ec2", detailType: "EC2 Spot Instance Interruption Warning" },
  Rebalance: { source: "aws.ec2", detailType: "EC2 Instance Rebalance Recommendation" },
  StateChange: { source: "aws.ec2", detailType: "EC2 Instance State-change Notification" },
  CapacityReservation: {
    source: "aws.ec2",
    detailType: "EC2 Capacity Reservation Instance Interruption Warning",
  },
  Health: { source: "aws.health", detailType: "AWS Health Event" },
} as const;

/** The queue where Karpenter learns that an instance will be taken back, so that it drains the node and starts another in time. */
export class Interruptions extends Construct {
  readonly queue: EncryptedQueue;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { cluster, key }: InterruptionsProps) {
    super(scope, id);
    this.key = key;
    // Notices that did not get into the queue, or that Karpenter could not read.
    const dead = new EncryptedQueue(this, "Dead", { queueName: `${cluster}-interruptions-dead`, key });
    this.queue = new EncryptedQueue(this, "Queue", {
      queueName: `${cluster}-interruptions`,
      key,
      retentionPeriod: RETENTION,
      deadLetterQueue: { queue: dead, maxReceiveCount: 5 },
    });
    for (const [name, { source, detailType }] of Object.entries(NOTICES)) {
      new Rule(this, name, {
        eventPattern: { source: [source], detailType: [detailType] },
        targets: [new SqsQueue(this.queue, { deadLetterQueue: dead })],
      });
    }
  }

  grantRead(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
      resourceArns: [this.queue.queueArn],
    });
    grantDecrypt(this.key, grantee);
  }
}
