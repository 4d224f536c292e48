import { GetObjectCommand } from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type ExecutionListItem,
  type HistoryEvent,
  paginateGetExecutionHistory,
  paginateListExecutions,
} from "@aws-sdk/client-sfn";
import { GetQueueAttributesCommand, GetQueueUrlCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
import type { JobRecord } from "#grid/job.ts";
import { LISTENER_QUEUE } from "./bus-listener.ts";
import type { Clients } from "./clients.ts";

/** What a user finds out with the AWS CLI. */

export async function history({ sfn }: Pick<Clients, "sfn">, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const page of paginateGetExecutionHistory({ client: sfn }, { executionArn })) events.push(...page.events!);
  return events;
}

/** Names of the states that an execution entered, in order. */
export async function statesEntered(aws: Pick<Clients, "sfn">, executionArn: string): Promise<string[]> {
  const events = await history(aws, executionArn);
  return events.flatMap(({ stateEnteredEventDetails: entered }) => (entered === undefined ? [] : [entered.name!]));
}

export const stateMachineOf = (executionArn: string): string =>
  executionArn.replace(":execution:", ":stateMachine:").split(":").slice(0, 7).join(":");

/** The executions of all events that asked for a job by its id, newest first. */
export async function executionsOf(
  { sfn }: Pick<Clients, "sfn">,
  { jobId, executionArn }: JobRecord,
): Promise<DescribeExecutionOutput[]> {
  const stateMachineArn = stateMachineOf(executionArn);
  const items: ExecutionListItem[] = [];
  for await (const page of paginateListExecutions({ client: sfn }, { stateMachineArn }))
    items.push(...page.executions!);
  const described = await Promise.all(
    items.map((item) => sfn.send(new DescribeExecutionCommand({ executionArn: item.executionArn }))),
  );
  return described.filter(({ input }) => JSON.parse(input!).detail.jobId === jobId);
}

export async function objectText({ s3 }: Pick<Clients, "s3">, uri: string): Promise<string> {
  const { hostname, pathname } = new URL(uri);
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket: hostname, Key: decodeURIComponent(pathname.slice(1)) }),
  );
  return Body!.transformToString();
}

export interface MessageCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export async function messagesIn({ sqs }: Pick<Clients, "sqs">, queue: string): Promise<MessageCounts> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
  return messagesAt({ sqs }, QueueUrl!);
}

async function messagesAt({ sqs }: Pick<Clients, "sqs">, QueueUrl: string): Promise<MessageCounts> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  return {
    visible: Number(Attributes!["ApproximateNumberOfMessages"]),
    inFlight: Number(Attributes!["ApproximateNumberOfMessagesNotVisible"]),
    delayed: Number(Attributes!["ApproximateNumberOfMessagesDelayed"]),
  };
}

/** Queues of the grid, dead-letter queues included, that hold messages, with how many. */
export async function queuesWithMessages({ sqs }: Pick<Clients, "sqs">): Promise<[string, MessageCounts][]> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const queues = QueueUrls.filter((url) => !url.endsWith(`/${LISTENER_QUEUE}`));
  const counted = await Promise.all(
    queues.map(async (url) => [url, await messagesAt({ sqs }, url)] as [string, MessageCounts]),
  );
  return counted.filter(([, { visible, inFlight, delayed }]) => visible + inFlight + delayed > 0);
}
