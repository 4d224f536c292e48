import { PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { EVENT_SOURCE } from "#grid/events.ts";
import type { Clients } from "./clients.ts";

/** An event that the grid put on its bus. */
export interface GridEvent {
  readonly id: string;
  readonly "detail-type": string;
  readonly detail: { readonly jobId: string; readonly [field: string]: unknown };
}

/** Name of the queue that the listener's rule sends to. */
export const LISTENER_QUEUE = "scenario-listener";

export interface BusListener {
  /** All that came, in that order. */
  readonly events: readonly GridEvent[];
  /** What `find` finds, as soon as it does; undefined if that takes longer. */
  until<A>(find: () => A | undefined, milliseconds: number): Promise<A | undefined>;
  stop(): Promise<void>;
}

/** What a consumer of the grid's events does: a rule on the bus sends them to a queue of its own, which it reads. */
export async function listenTo(bus: string, aws: Pick<Clients, "events" | "sqs">): Promise<BusListener> {
  const queueUrl = await subscribe(bus, aws);
  const events: GridEvent[] = [];
  const stopping = new AbortController();
  let came = Promise.withResolvers<void>();

  const read = async () => {
    for await (const batch of receive(aws.sqs, queueUrl, stopping.signal)) {
      events.push(...batch);
      came.resolve();
      came = Promise.withResolvers();
    }
  };
  const reading = read();

  return {
    events,
    async until(find, milliseconds) {
      const tooLong = AbortSignal.timeout(milliseconds);
      const over = new Promise<void>((resolve) => tooLong.addEventListener("abort", () => resolve()));
      for (;;) {
        const found = find();
        if (found !== undefined || tooLong.aborted) return found;
        await Promise.race([came.promise, over]);
      }
    },
    async stop() {
      stopping.abort();
      await reading;
    },
  };
}

/** Sends all that the grid puts on the bus to a queue; returns the queue's URL. */
async function subscribe(bus: string, { events, sqs }: Pick<Clients, "events" | "sqs">): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: LISTENER_QUEUE }));
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
  const { Attributes } = await sqs.send(asked);
  const EventPattern = JSON.stringify({ source: [EVENT_SOURCE] });
  await events.send(new PutRuleCommand({ Name: LISTENER_QUEUE, EventBusName: bus, EventPattern }));
  const Targets = [{ Id: "queue", Arn: Attributes!["QueueArn"] }];
  await events.send(new PutTargetsCommand({ Rule: LISTENER_QUEUE, EventBusName: bus, Targets }));
  return QueueUrl!;
}

/** Events as they come, each deleted from the queue; ends with the signal. */
async function* receive(sqs: Clients["sqs"], QueueUrl: string, abortSignal: AbortSignal): AsyncGenerator<GridEvent[]> {
  const asked = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 };
  while (!abortSignal.aborted) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(asked), { abortSignal }).catch((cause) => {
      if (abortSignal.aborted) return { Messages: [] };
      throw cause;
    });
    if (Messages.length === 0) continue;
    const Entries = Messages.map(({ MessageId, ReceiptHandle }) => ({
      Id: MessageId!,
      ReceiptHandle: ReceiptHandle!,
    }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    yield Messages.map(({ Body }) => JSON.parse(Body!) as GridEvent);
  }
}
