import { Duration } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { PRIORITIES, taskQueueName } from "#grid/names.ts";
import { EncryptedQueue } from "./encrypted-queue.ts";
import { grantEncrypt } from "./key-grants.ts";

interface PoolQueuesProps {
  readonly grid: string;
  readonly pool: string;
  readonly key: IKey;
}

/** Workers extend it while they work; after a crash a message is back this soon. */
const VISIBILITY = Duration.seconds(30);
/** High: a worker gives a task up by itself after its third crash; the dead-letter queue is only the last net. */
const MAX_RECEIVES = 50;

/** Where a pool's packs wait: a queue a priority, one dead-letter queue for all of them. */
export class PoolQueues extends Construct {
  private readonly queues: readonly IQueue[];
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { grid, pool, key }: PoolQueuesProps) {
    super(scope, id);
    this.key = key;
    const dead = new EncryptedQueue(this, "Dead", { queueName: `${grid}-${pool}-dead`, key });
    this.queues = PRIORITIES.map(
      (priority) =>
        new EncryptedQueue(this, priority, {
          queueName: taskQueueName(grid, pool, priority),
          key,
          visibilityTimeout: VISIBILITY,
          deadLetterQueue: { queue: dead, maxReceiveCount: MAX_RECEIVES },
        }),
    );
  }

  /** In the order of PRIORITIES. */
  get urls(): readonly string[] {
    return this.queues.map(({ queueUrl }) => queueUrl);
  }

  grantSend(grantee: IGrantable): void {
    this.grant(grantee, "sqs:GetQueueUrl", "sqs:SendMessage");
  }

  /** Sees how many messages wait and how many are in work. */
  grantMeasure(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["sqs:GetQueueAttributes"],
      resourceArns: this.queues.map(({ queueArn }) => queueArn),
    });
  }

  /** Takes packs, and hands unfinished ones back as new messages. */
  grantWork(grantee: IGrantable): void {
    this.grant(
      grantee,
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:SendMessage",
    );
  }

  private grant(grantee: IGrantable, ...actions: string[]): void {
    Grant.addToPrincipal({ grantee, actions, resourceArns: this.queues.map(({ queueArn }) => queueArn) });
    grantEncrypt(this.key, grantee);
  }
}
