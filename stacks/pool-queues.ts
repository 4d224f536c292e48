import { Duration } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { PRIORITIES, taskQueueName } from "#grid/names.ts";
import { EncryptedQueue } from "./encrypted-queue.ts";

/** Workers extend it while they work; after a crash a message is back this soon. */
const VISIBILITY = Duration.seconds(30);
/** High: a worker gives a task up by itself after its third crash; the dead-letter queue is only the last net. */
const MAX_RECEIVES = 50;

/** Where a pool's packs wait: a queue a priority, one dead-letter queue for all of them. */
export class PoolQueues extends Construct {
  private readonly queues: readonly IQueue[];

  constructor(scope: Construct, id: string, { grid, pool }: { readonly grid: string; readonly pool: string }) {
    super(scope, id);
    const dead = new EncryptedQueue(this, "Dead", { queueName: `${grid}-${pool}-dead` });
    this.queues = PRIORITIES.map(
      (priority) =>
        new EncryptedQueue(this, priority, {
          queueName: taskQueueName(grid, pool, priority),
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
  }
}
