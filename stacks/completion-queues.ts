import { Duration } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource, type SqsEventSourceProps } from "aws-cdk-lib/aws-lambda-event-sources";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { COMPLETION_LANES, type CompletionLane, completionQueueName } from "#grid/names.ts";
import { EncryptedQueue } from "./encrypted-queue.ts";
import { grantEncrypt } from "./key-grants.ts";

/** The longest that Collect may take with a batch. */
export const COLLECT_TIMEOUT = Duration.minutes(1);
/** Lambda's advice: six times the function's timeout, and the batching window on top. */
const VISIBILITY = Duration.minutes(7);
const MAX_RECEIVES = 10;

/** How each lane is read. `bulk` gathers much for one write; `fast` waits for nothing. */
const READING: Readonly<Record<CompletionLane, SqsEventSourceProps>> = {
  bulk: { batchSize: 1000, maxBatchingWindow: Duration.seconds(1), maxConcurrency: 50 },
  fast: { batchSize: 10, maxConcurrency: 20 },
};

interface CompletionQueuesProps {
  readonly grid: string;
  readonly key: IKey;
}

/** What workers report: a queue a lane, both read by Collect, one dead-letter queue. */
export class CompletionQueues extends Construct {
  private readonly lanes: ReadonlyMap<CompletionLane, IQueue>;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { grid, key }: CompletionQueuesProps) {
    super(scope, id);
    this.key = key;
    const dead = new EncryptedQueue(this, "Dead", { queueName: `${grid}-completions-dead`, key });
    this.lanes = new Map(
      COMPLETION_LANES.map((lane) => [
        lane,
        new EncryptedQueue(this, lane, {
          queueName: completionQueueName(grid, lane),
          key,
          visibilityTimeout: VISIBILITY,
          deadLetterQueue: { queue: dead, maxReceiveCount: MAX_RECEIVES },
        }),
      ]),
    );
  }

  /** Calls the function with batches of completions; it answers which of them failed. The source grants what reading takes. */
  readBy(collect: IFunction): void {
    for (const [lane, queue] of this.lanes) {
      collect.addEventSource(new SqsEventSource(queue, { ...READING[lane], reportBatchItemFailures: true }));
    }
  }

  grantSend(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["sqs:GetQueueUrl", "sqs:SendMessage"],
      resourceArns: [...this.lanes.values()].map(({ queueArn }) => queueArn),
    });
    grantEncrypt(this.key, grantee);
  }
}
