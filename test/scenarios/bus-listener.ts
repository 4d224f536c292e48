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

/** What a consumer of the grid's events does: a rule on the bus sends them to a queue of its own, which it reads. */
export class BusListener {
  /** All that came, in that order. */
  readonly events: GridEvent[] = [];
  readonly #wanted = new Set<() => void>();
  readonly #stopping = new AbortController();
  #reading: Promise<void> = Promise.resolve();

  static async on(bus: string, clients: Pick<Clients, "events" | "sqs">): Promise<BusListener> {
    const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName: LISTENER_QUEUE }));
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
    const { Attributes } = await clients.sqs.send(asked);
    const rule = { Rule: LISTENER_QUEUE, EventBusName: bus };
    const EventPattern = JSON.stringify({ source: [EVENT_SOURCE] });
    await clients.events.send(new PutRuleCommand({ Name: LISTENER_QUEUE, EventBusName: bus, EventPattern }));
    await clients.events.send(
      new PutTargetsCommand({ ...rule, Targets: [{ Id: "queue", Arn: Attributes!["QueueArn"] }] }),
    );
    const listener = new BusListener();
    listener.#reading = listener.#read(clients.sqs, QueueUrl!);
    return listener;
  }

  /** What `find` finds, as soon as it does. Rejects after `milliseconds`, saying what was waited for. */
  async until<A>(
    find: (events: readonly GridEvent[]) => A | undefined,
    what: string,
    milliseconds: number,
  ): Promise<A> {
    const tooLong = AbortSignal.timeout(milliseconds);
    for (;;) {
      const found = find(this.events);
      if (found !== undefined) return found;
      if (tooLong.aborted) throw new Error(`waited ${milliseconds} ms for ${what}`);
      await this.#change(tooLong);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#reading;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#wanted.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#wanted.add(done);
      signal.addEventListener("abort", done);
    });
  }

  async #read(sqs: Clients["sqs"], QueueUrl: string): Promise<void> {
    const abortSignal = this.#stopping.signal;
    const asked = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 };
    while (!abortSignal.aborted) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(asked), { abortSignal }).catch((cause) => {
        if (abortSignal.aborted) return { Messages: [] };
        throw cause;
      });
      if (Messages.length === 0) continue;
      this.events.push(...Messages.map(({ Body }) => JSON.parse(Body!) as GridEvent));
      const Entries = Messages.map(({ MessageId, ReceiptHandle }) => ({
        Id: MessageId!,
        ReceiptHandle: ReceiptHandle!,
      }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      for (const wake of this.#wanted) wake();
    }
  }
}
