import { setImmediate as nextTurn } from "node:timers/promises";
import type { Endpoint } from "../gateway.ts";
import { createBuses, type NewRule } from "./buses.ts";
import { checkTarget, deliver, type RuleTarget, type Targets } from "./delivery.ts";
import { eventsEndpoint } from "./endpoint.ts";
import { DEFAULT_BUS, envelopeOf, type NewEvent, ruleArn } from "./event.ts";
import { rateSeconds } from "./rate.ts";

export type { Targets } from "./delivery.ts";

/** A rule of the default bus that goes by the clock. */
interface NewSchedule {
  readonly name: string;
  /** `rate(5 minutes)`. */
  readonly expression: string;
  readonly targets: readonly RuleTarget[];
}

/** EventBridge on the laptop: buses, rules, and the delivery of events to targets. Nothing is kept on disk. */
export interface EventBuses {
  /**
   * Adds a bus; `default` is always there.
   * @returns its ARN.
   * @throws AwsFault ResourceAlreadyExistsException when the name is taken.
   */
  createBus(name: string): string;
  /**
   * Adds a rule with its targets, or replaces the rule of that name on that bus.
   * @returns its ARN.
   * @throws AwsFault InvalidEventPatternException naming the field or operator; ResourceNotFoundException when there is
   *   no such bus; ValidationException for a target that is no state machine, function or queue.
   */
  putRule(rule: NewRule): string;
  /**
   * Sends a Scheduled Event to targets at a rate, the first time when the first interval is over.
   * @returns ARN of the rule.
   * @throws AwsFault ValidationException for a schedule that is no rate, or a target as in `putRule`.
   */
  schedule(rule: NewSchedule): string;
  /** Puts events on their buses, also events of AWS services (`aws.…`). @returns their ids. */
  put(events: readonly NewEvent[]): string[];
  readonly endpoint: Endpoint;
  /** Resolves when every event put so far was delivered, put into a dead-letter queue or dropped. */
  idle(): Promise<void>;
  /** Ends the pauses between tries; events that wait in one are lost. */
  close(): void;
}

/**
 * Opens the local EventBridge with the default bus.
 * @param options.targets the services that rules send to.
 * @param options.warn told of what AWS drops silently: events for a bus there is not, events no target or dead-letter
 *   queue took.
 */
export const openEventBuses = (options: { readonly targets: Targets; warn(message: string): void }): EventBuses => {
  const { targets, warn } = options;
  const buses = createBuses();
  const deliveries = new Set<Promise<void>>();
  const closing = new AbortController();

  const send = async (delivery: Parameters<typeof deliver>[1]): Promise<void> => {
    // PutEvents answers first, whatever the targets take for it.
    await nextTurn();
    try {
      await deliver(targets, delivery, closing.signal);
    } catch (error) {
      if (!closing.signal.aborted) warn(error instanceof Error ? error.message : String(error));
    }
  };

  const track = (delivery: Parameters<typeof deliver>[1]): void => {
    const sent = send(delivery).finally(() => deliveries.delete(sent));
    deliveries.add(sent);
  };

  const putOne = (event: NewEvent): string => {
    const bus = event.bus ?? DEFAULT_BUS;
    const envelope = envelopeOf(event);
    const rules = buses.meeting(bus, envelope);
    if (rules === undefined) {
      warn(`the event ${envelope.id} (${event.source}, ${event.detailType}) is dropped: there is no event bus ${bus}`);
      return envelope.id;
    }
    const text = JSON.stringify(envelope);
    for (const rule of rules) {
      for (const target of rule.targets) track({ ruleArn: rule.arn, target, event: text });
    }
    return envelope.id;
  };

  return {
    createBus: buses.createBus,
    putRule: buses.putRule,
    schedule: ({ name, expression, targets: receivers }) => {
      const seconds = rateSeconds(expression);
      for (const target of receivers) checkTarget(name, target);
      const arn = ruleArn(DEFAULT_BUS, name);
      const turn = () => {
        const envelope = envelopeOf({
          source: "aws.events",
          detailType: "Scheduled Event",
          detail: {},
          resources: [arn],
        });
        for (const target of receivers) track({ ruleArn: arn, target, event: JSON.stringify(envelope) });
      };
      const timer = setInterval(turn, seconds * 1000);
      closing.signal.addEventListener("abort", () => clearInterval(timer));
      return arn;
    },
    put: (events) => events.map(putOne),
    endpoint: eventsEndpoint(buses, putOne),
    idle: async () => {
      while (deliveries.size > 0) await Promise.all(deliveries);
    },
    close: () => closing.abort(),
  };
};
