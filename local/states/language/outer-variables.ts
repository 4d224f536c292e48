import { isObject, type Json, type JsonObject } from "../json.ts";
import { compile, isExpression } from "./expression.ts";
import type { Problems } from "./problems.ts";

/**
 * The states in a Distributed Map's ItemProcessor run as executions of their own and see no variable of the machine
 * around them [Step Functions guide, workflow-variables]: an expression in there that reads one is refused.
 */
export const checkOuterVariables = (
  processor: JsonObject,
  machine: JsonObject,
  path: string,
  problems: Problems,
): void => {
  const inside = assignedIn(processor);
  const outside = assignedIn(machine, processor);
  eachString(processor, path, (text, at) => {
    for (const name of readBy(text)) {
      if (!outside.has(name) || inside.has(name)) continue;
      problems.add(
        at,
        `reads the variable $${name} of the machine around the Distributed Map; pass it by ItemSelector`,
      );
    }
  });
};

/** Names in every `Assign` at any depth, leaving `except` out. */
const assignedIn = (value: Json, except?: Json): Set<string> => {
  const names = new Set<string>();
  const visit = (each: Json): void => {
    if (each === except) return;
    if (Array.isArray(each)) for (const item of each) visit(item);
    else if (isObject(each)) {
      for (const [key, item] of Object.entries(each)) {
        if (key === "Assign" && isObject(item)) for (const name of Object.keys(item)) names.add(name);
        else visit(item);
      }
    }
  };
  visit(value);
  return names;
};

const eachString = (value: Json, path: string, use: (text: string, path: string) => void): void => {
  if (typeof value === "string") use(value, path);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) eachString(item, `${path}[${index}]`, use);
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) eachString(item, `${path}.${key}`, use);
};

/** An expression that does not parse has been reported where it stands, and reads nothing. */
const readBy = (text: string): Iterable<string> => {
  if (!isExpression(text)) return [];
  try {
    return compile(text).variables;
  } catch {
    return [];
  }
};
