import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { onTestFinished } from "vitest";
import type { EventSourceMapping } from "#local/functions/index.ts";
import { startGateway } from "#local/gateway.ts";
import { openQueues } from "#local/queues.ts";
import { functionsForTest } from "./fixture.ts";

/** The local SQS and Lambda behind one gateway, with a real client and one queue. */
export const functionsWithQueue = async (attributes: Record<string, string> = {}) => {
  const gateway = await startGateway({ port: 0 });
  const queues = openQueues({ gateway });
  const client = new SQSClient({
    endpoint: gateway.origin,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  onTestFinished(async () => {
    client.destroy();
    queues.close();
    await gateway.close();
  });
  // Opened after the gateway, so that it is closed before it.
  const { functions, warnings, folder } = functionsForTest(gateway.origin);
  const { QueueUrl: queueUrl = "" } = await client.send(
    new CreateQueueCommand({ QueueName: "work", Attributes: { VisibilityTimeout: "30", ...attributes } }),
  );
  const queueArn = "arn:aws:sqs:us-east-1:000000000000:work";

  /** Sends bodies, ten a call. */
  const send = async (bodies: readonly (string | Partial<SendMessageBatchRequestEntry>)[]): Promise<void> => {
    const entries = bodies.map((body, index) => ({
      Id: String(index),
      ...(typeof body === "string" ? { MessageBody: body } : { MessageBody: "", ...body }),
    }));
    for (let first = 0; first < entries.length; first += 10) {
      const Entries = entries.slice(first, first + 10);
      await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
  };

  /** [messages ready, messages in flight] */
  const depth = async (): Promise<[number, number]> => {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["All"] }),
    );
    return [
      Number(Attributes["ApproximateNumberOfMessages"]),
      Number(Attributes["ApproximateNumberOfMessagesNotVisible"]),
    ];
  };

  const mapping = (over: Partial<EventSourceMapping> = {}): EventSourceMapping => ({
    functionName: "subject",
    queueArn,
    queueUrl,
    batchSize: 10,
    windowSeconds: 0,
    reportBatchItemFailures: false,
    ...over,
  });

  return { functions, warnings, folder, client, gateway, queues, queueUrl, queueArn, send, depth, mapping };
};
