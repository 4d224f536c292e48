import { AwsFault, type JsonAction, jsonEndpoint, onlyFields } from "../aws-json.ts";
import type { Endpoint } from "../gateway.ts";
import { type Buses, patternOf, type Rule } from "./buses.ts";
import type { RuleTarget } from "./delivery.ts";
import { busArn, busNameOf, DEFAULT_BUS, type NewEvent } from "./event.ts";
import { text } from "./input.ts";
import { jsonObject, readEntries } from "./put-events.ts";
import { ruleActions } from "./rule-actions.ts";

type Input = Record<string, unknown>;

/** What TestEventPattern wants of its event besides what the pattern looks at. */
const EVENT_FIELDS = ["id", "account", "source", "time", "region", "resources", "detail-type"];

/**
 * EventBridge's API: PutEvents, PutRule, PutTargets, TestEventPattern and what reads buses, rules and targets.
 * @param put puts one event on its bus and returns its id.
 */
export const eventsEndpoint = (buses: Buses, put: (event: NewEvent) => string): Endpoint => {
  const ruleNamed = (input: Input, field: string): Rule => {
    const bus = text(input, "EventBusName", DEFAULT_BUS);
    const name = text(input, field);
    const rule = buses.rules(bus).find((each) => each.name === name);
    if (rule !== undefined) return rule;
    throw new AwsFault("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${busNameOf(bus)}.`);
  };

  const actions: Record<string, (input: Input) => unknown> = {
    PutEvents: (input) => {
      const Entries = readEntries(input).map((entry) =>
        "event" in entry ? { EventId: put(entry.event) } : entry.refused,
      );
      return { FailedEntryCount: Entries.filter((entry) => "ErrorCode" in entry).length, Entries };
    },
    TestEventPattern: (input) => {
      onlyFields("events", "TestEventPattern", input, ["EventPattern", "Event"]);
      const matches = patternOf(jsonObject(text(input, "EventPattern")));
      const event = jsonObject(text(input, "Event"));
      const lacking = EVENT_FIELDS.filter((name) => event?.[name] === undefined);
      if (event !== undefined && lacking.length === 0) return { Result: matches(event) };
      const message = `Parameter Event is not valid: it must be a JSON object with ${EVENT_FIELDS.join(", ")}`;
      throw new AwsFault("ValidationException", `${message}; lacking: ${lacking.join(", ")}`);
    },
    ListEventBuses: (input) => {
      onlyFields("events", "ListEventBuses", input, ["NamePrefix"]);
      const prefix = text(input, "NamePrefix", "");
      return {
        EventBuses: buses
          .names()
          .filter((name) => name.startsWith(prefix))
          .map(describeBus),
      };
    },
    DescribeEventBus: (input) => {
      onlyFields("events", "DescribeEventBus", input, ["Name"]);
      const name = busNameOf(text(input, "Name", DEFAULT_BUS));
      buses.rules(name);
      return describeBus(name);
    },
    ListRules: (input) => {
      onlyFields("events", "ListRules", input, ["EventBusName", "NamePrefix"]);
      const prefix = text(input, "NamePrefix", "");
      const rules = buses.rules(text(input, "EventBusName", DEFAULT_BUS));
      return { Rules: rules.filter((rule) => rule.name.startsWith(prefix)).map(describeRule) };
    },
    DescribeRule: (input) => {
      onlyFields("events", "DescribeRule", input, ["Name", "EventBusName"]);
      return describeRule(ruleNamed(input, "Name"));
    },
    ListTargetsByRule: (input) => {
      onlyFields("events", "ListTargetsByRule", input, ["Rule", "EventBusName"]);
      return { Targets: ruleNamed(input, "Rule").targets.map(describeTarget) };
    },
    ...ruleActions(buses, ruleNamed),
  } satisfies Record<string, JsonAction>;
  return jsonEndpoint({ service: "events", targetPrefix: "AWSEvents", version: "1.1", actions });
};

const describeBus = (name: string) => ({ Name: name, Arn: busArn(name) });

const describeRule = ({ name, arn, bus, pattern, state }: Rule) => ({
  Name: name,
  Arn: arn,
  EventPattern: JSON.stringify(pattern),
  State: state,
  EventBusName: bus,
});

const describeTarget = (target: RuleTarget) => ({
  Id: target.id,
  Arn: target.arn,
  Input: target.input,
  DeadLetterConfig: target.deadLetterArn === undefined ? undefined : { Arn: target.deadLetterArn },
  RetryPolicy:
    target.retryAttempts === undefined && target.maximumEventAgeSeconds === undefined
      ? undefined
      : { MaximumRetryAttempts: target.retryAttempts, MaximumEventAgeInSeconds: target.maximumEventAgeSeconds },
});
