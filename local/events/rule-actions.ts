import { AwsFault, type JsonAction, onlyFields } from "../aws-json.ts";
import type { Buses, Rule } from "./buses.ts";
import type { RuleTarget } from "./delivery.ts";
import { optionalText, text } from "./input.ts";
import { jsonObject } from "./put-events.ts";

type Input = Record<string, unknown>;

/**
 * PutRule and PutTargets: how a consumer asks for the grid's events. Like all that EventBridge keeps here, such rules are gone
 * when the local grid ends.
 */
export const ruleActions = (
  buses: Buses,
  ruleNamed: (input: Input, field: string) => Rule,
): Record<string, JsonAction> => ({
  PutRule(input) {
    onlyFields("events", "PutRule", input, ["Name", "EventBusName", "EventPattern", "State"]);
    const name = text(input, "Name");
    const bus = text(input, "EventBusName", "default");
    const pattern = jsonObject(text(input, "EventPattern"));
    if (pattern === undefined) {
      throw new AwsFault("InvalidEventPatternException", `rule ${name}: the pattern must be a JSON object`);
    }
    const targets = buses.rules(bus).find((rule) => rule.name === name)?.targets ?? [];
    return { RuleArn: buses.putRule({ name, bus, pattern, state: stateOf(input), targets }) };
  },

  PutTargets(input) {
    onlyFields("events", "PutTargets", input, ["Rule", "EventBusName", "Targets"]);
    const rule = ruleNamed(input, "Rule");
    const targets = targetsOf(input);
    const kept = rule.targets.filter(({ id }) => targets.every((target) => target.id !== id));
    buses.putRule({ ...rule, targets: [...kept, ...targets] });
    return { FailedEntryCount: 0, FailedEntries: [] };
  },
});

const stateOf = (input: Input): Rule["state"] => {
  const state = text(input, "State", "ENABLED");
  if (state === "ENABLED" || state === "DISABLED") return state;
  throw new AwsFault("ValidationException", `State must be ENABLED or DISABLED, came ${state}`);
};

const targetsOf = ({ Targets: targets }: Input): RuleTarget[] => {
  if (!Array.isArray(targets) || targets.length === 0) {
    throw new AwsFault("ValidationException", "PutTargets takes a list of Targets");
  }
  return targets.map((target: Input) => {
    // Permissions are not enforced here: a RoleArn changes nothing.
    onlyFields("events", "PutTargets Targets", target, ["Id", "Arn", "Input", "DeadLetterConfig", "RoleArn"]);
    const input = optionalText(target, "Input");
    const { DeadLetterConfig: dead } = target;
    return {
      id: text(target, "Id"),
      arn: text(target, "Arn"),
      ...(input !== undefined && { input }),
      ...(dead !== undefined && { deadLetterArn: text(dead as Input, "Arn") }),
    };
  });
};
