import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import { Grant } from "aws-cdk-lib/aws-iam";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

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
  readonly queue: Queue;
  /** Notices that Karpenter could not read. */
  readonly dead: Queue;

  constructor(scope: Construct, id: string, { cluster }: { readonly cluster: string }) {
    super(scope, id);
    const queue = (name: string, suffix: string, deadLetters?: Queue) =>
      new Queue(this, name, {
        queueName: `${cluster}-${suffix}`,
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        removalPolicy: RemovalPolicy.DESTROY,
        ...(deadLetters === undefined
          ? { retentionPeriod: Duration.days(14) }
          : { retentionPeriod: RETENTION, deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 } }),
      });
    this.dead = queue("Dead", "interruptions-dead");
    this.queue = queue("Queue", "interruptions", this.dead);
    for (const [name, { source, detailType }] of Object.entries(NOTICES)) {
      new Rule(this, name, {
        eventPattern: { source: [source], detailType: [detailType] },
        targets: [new SqsQueue(this.queue)],
      });
    }
  }

  grantRead(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
      resourceArns: [this.queue.queueArn],
    });
  }
}
