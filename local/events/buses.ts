import { type EventTest, InvalidPattern, parsePattern } from "#grid/event-pattern.ts";
import { AwsFault } from "../aws-json.ts";
import { checkTarget, type RuleTarget } from "./delivery.ts";
import { busArn, busNameOf, DEFAULT_BUS, type Envelope, ruleArn } from "./event.ts";

/** A rule as `putRule` takes it. */
export interface NewRule {
  readonly name: string;
  /** Name or ARN. */
  readonly bus: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  /** ENABLED by default; a disabled rule sends nothing. */
  readonly state?: "ENABLED" | "DISABLED";
  /** At most 5. */
  readonly targets: readonly RuleTarget[];
}

/** A rule on its bus. */
export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly bus: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly state: "ENABLED" | "DISABLED";
  readonly targets: readonly RuleTarget[];
  readonly matches: EventTest;
}

/** The buses and their rules: what there is, and which rules an event meets. */
export interface Buses {
  /** @throws AwsFault ResourceAlreadyExistsException. */
  createBus(name: string): string;
  /** Adds a rule, or replaces the one of that name. @throws AwsFault as EventBridge refuses it. */
  putRule(rule: NewRule): string;
  /** The names of the buses, `default` first. */
  names(): string[];
  /** @throws AwsFault ResourceNotFoundException. */
  rules(bus: string): readonly Rule[];
  /** The enabled rules of a bus that want an event; undefined when there is no such bus. */
  meeting(bus: string, event: Envelope): readonly Rule[] | undefined;
}

const MAX_TARGETS = 5;

/** The default bus without rules. */
export const createBuses = (): Buses => {
  const buses = new Map<string, Map<string, Rule>>([[DEFAULT_BUS, new Map()]]);

  const rulesOf = (nameOrArn: string): Map<string, Rule> => {
    const rules = buses.get(busNameOf(nameOrArn));
    if (rules !== undefined) return rules;
    throw new AwsFault("ResourceNotFoundException", `Event bus ${busNameOf(nameOrArn)} does not exist.`);
  };

  return {
    createBus: (name) => {
      if (!/^[\w./-]{1,256}$/.test(name))
        throw new AwsFault("ValidationException", `"${name}" is no name of an event bus`);
      if (buses.has(name)) throw new AwsFault("ResourceAlreadyExistsException", `Event bus ${name} already exists.`);
      buses.set(name, new Map());
      return busArn(name);
    },
    putRule: ({ name, bus, pattern, state = "ENABLED", targets }) => {
      const rules = rulesOf(bus);
      if (targets.length > MAX_TARGETS) {
        throw new AwsFault(
          "LimitExceededException",
          `rule ${name}: at most ${MAX_TARGETS} targets, came ${targets.length}`,
        );
      }
      for (const target of targets) checkTarget(name, target);
      const busName = busNameOf(bus);
      const arn = ruleArn(busName, name);
      rules.set(name, {
        name,
        arn,
        bus: busName,
        pattern,
        state,
        targets,
        matches: patternOf(pattern, `rule ${name}: `),
      });
      return arn;
    },
    names: () => [...buses.keys()],
    rules: (bus) => [...rulesOf(bus).values()],
    meeting: (bus, event) => {
      const rules = buses.get(busNameOf(bus));
      return rules && [...rules.values()].filter((rule) => rule.state === "ENABLED" && rule.matches(event));
    },
  };
};

/** @throws AwsFault InvalidEventPatternException, its message starting with `where`. */
export const patternOf = (pattern: unknown, where = ""): EventTest => {
  try {
    return parsePattern(pattern);
  } catch (error) {
    if (error instanceof InvalidPattern) throw new AwsFault("InvalidEventPatternException", where + error.message);
    throw error;
  }
};
