import { jsonEndpoint } from "./aws-json.ts";
import type { Endpoint, Gateway } from "./gateway.ts";
import { queryErrorHeader } from "./queues/faults.ts";
import { messageActions } from "./queues/message-actions.ts";
import type { QueueDepth } from "./queues/queue.ts";
import { queueActions } from "./queues/queue-actions.ts";
import { QueueRegistry } from "./queues/registry.ts";

/** SQS: standard queues in memory, by the JSON protocol. */
export interface Queues {
  readonly endpoint: Endpoint;
  /** Messages of a queue by state, now. @throws AwsFault QueueDoesNotExist */
  depth(queueUrl: string): QueueDepth;
  /** Answers receives that wait and stops all timers. */
  close(): void;
}

/**
 * Serves SQS on the gateway (scope `sqs`). FIFO queues, and any action or attribute that is not honoured, are refused by
 * name. Queue URLs are `<podOrigin>/<account>/<name>`: the SDK sends to the URL's host, also from pods of a real cluster.
 */
export const openQueues = ({ gateway }: { gateway: Gateway }): Queues => {
  const queues = new QueueRegistry(gateway.podOrigin, Date.now);
  const endpoint = jsonEndpoint({
    service: "SQS",
    targetPrefix: "AmazonSQS",
    version: "1.0",
    actions: { ...queueActions(queues), ...messageActions(queues, Date.now) },
    faultHeaders: queryErrorHeader,
  });
  gateway.route("sqs", endpoint);
  return { endpoint, depth: (queueUrl) => queues.byUrl(queueUrl).depth(), close: () => queues.close() };
};
