import { isObject, type Json, type JsonObject } from "../json.ts";
import { checkState } from "./fields.ts";
import { checkOuterVariables } from "./outer-variables.ts";
import { checkFields, numberFrom, oneOf, Problems, text } from "./problems.ts";
import type { MachineDefinition } from "./types.ts";

/** A definition the engine cannot run: each problem with its path. */
export class InvalidDefinition extends Error {
  readonly problems: readonly string[];

  constructor(name: string, problems: readonly string[]) {
    super(
      `the definition of the state machine ${name} cannot be run:\n${problems.map((each) => `  ${each}`).join("\n")}`,
    );
    this.name = "InvalidDefinition";
    this.problems = problems;
  }
}

/**
 * Reads a definition in the Amazon States Language, JSONata only.
 * @param name the state machine's name, for the error.
 * @throws InvalidDefinition listing everything that is wrong, unknown or not supported, by path.
 */
export const parseDefinition = (name: string, json: string): MachineDefinition => {
  const definition = parseJson(name, json);
  const problems = new Problems();
  checkFields(
    definition,
    "",
    {
      Comment: text,
      "QueryLanguage!": oneOf("JSONata"),
      "StartAt!": text,
      "States!": () => {},
      TimeoutSeconds: numberFrom(1, { most: 99_999_999, whole: true }),
    },
    problems,
  );
  if (isObject(definition)) {
    checkGroup(definition, "", problems, {
      machine: definition,
      names: new Map(),
      labels: new Set(),
      distributed: false,
    });
  }
  if (problems.all.length > 0) throw new InvalidDefinition(name, problems.all);
  return definition as unknown as MachineDefinition;
};

const parseJson = (name: string, json: string): Json => {
  try {
    return JSON.parse(json) as Json;
  } catch (error) {
    throw new InvalidDefinition(name, [`not JSON: ${(error as Error).message}`]);
  }
};

/** What is known of the machine while its levels are checked. */
interface Surroundings {
  readonly machine: JsonObject;
  /** Every state so far: names are unique in the whole machine. */
  readonly names: Map<string, string>;
  readonly labels: Set<string>;
  /** Inside the ItemProcessor of a Distributed Map. */
  readonly distributed: boolean;
}

const checkGroup = (group: JsonObject, path: string, problems: Problems, around: Surroundings): void => {
  const states = group["States"];
  const statesPath = path === "" ? "States" : `${path}.States`;
  if (!isObject(states)) {
    problems.add(statesPath, "must be an object of states");
    return;
  }
  for (const [name, state] of Object.entries(states)) {
    const at = `${statesPath}.${name}`;
    const other = around.names.get(name);
    if (other !== undefined) problems.add(at, `another state has this name: ${other}`);
    if (name.length === 0 || name.length > 80) problems.add(at, "a state's name has 1 to 80 characters");
    around.names.set(name, at);
    checkState(state, at, problems);
    if (isObject(state) && state["Type"] === "Map") checkMap(state, at, problems, around);
  }
  checkTransitions(group["StartAt"], states, path, problems);
};

const checkMap = (map: JsonObject, path: string, problems: Problems, around: Surroundings): void => {
  const processor = map["ItemProcessor"];
  const at = `${path}.ItemProcessor`;
  if (processor === undefined) return;
  const isGroup = checkFields(
    processor,
    at,
    {
      Comment: text,
      ProcessorConfig: (config, configPath, found) =>
        checkFields(
          config,
          configPath,
          { Mode: oneOf("INLINE", "DISTRIBUTED"), ExecutionType: oneOf("STANDARD") },
          found,
        ),
      "StartAt!": text,
      "States!": () => {},
    },
    problems,
  );
  if (!isGroup) return;
  const config = isObject(processor["ProcessorConfig"]) ? processor["ProcessorConfig"] : {};
  const distributed = config["Mode"] === "DISTRIBUTED";
  if (distributed && config["ExecutionType"] === undefined)
    problems.add(`${at}.ProcessorConfig.ExecutionType`, "required");
  if (!distributed && config["ExecutionType"] !== undefined) {
    problems.add(`${at}.ProcessorConfig.ExecutionType`, "only a Map of Mode DISTRIBUTED has one");
  }
  if (distributed && around.distributed) {
    problems.add(at, "a Distributed Map inside a Distributed Map is not supported by the local engine");
  }
  const label = map["Label"];
  if (typeof label === "string" && distributed) {
    if (around.labels.has(label)) problems.add(`${path}.Label`, `another Map has the label ${label}`);
    around.labels.add(label);
  }
  checkGroup(processor, at, problems, { ...around, distributed: around.distributed || distributed });
  if (distributed) checkOuterVariables(processor, around.machine, at, problems);
};

const checkTransitions = (startAt: Json | undefined, states: JsonObject, path: string, problems: Problems): void => {
  const reached = new Set<string>();
  const visit = (target: Json | undefined, from: string): void => {
    if (typeof target !== "string") return;
    const state = states[target];
    if (state === undefined) problems.add(from, `there is no state ${target} at this level`);
    if (state === undefined || reached.has(target)) return;
    reached.add(target);
    if (!isObject(state)) return;
    const at = `${path === "" ? "" : `${path}.`}States.${target}`;
    visit(state["Next"], `${at}.Next`);
    visit(state["Default"], `${at}.Default`);
    for (const list of ["Choices", "Catch"]) {
      const entries = state[list];
      if (!Array.isArray(entries)) continue;
      for (const [index, entry] of entries.entries()) {
        if (isObject(entry)) visit(entry["Next"], `${at}.${list}[${index}].Next`);
      }
    }
  };
  visit(startAt, path === "" ? "StartAt" : `${path}.StartAt`);
  for (const name of Object.keys(states)) {
    if (!reached.has(name))
      problems.add(`${path === "" ? "" : `${path}.`}States.${name}`, "is reached from no other state");
  }
};
