import { isObject, type Json, type JsonObject, kindOf } from "../json.ts";
import { compile, isExpression } from "./expression.ts";

/** What is wrong with a definition, each with the path to it. */
export class Problems {
  readonly #found: string[] = [];

  add(path: string, what: string): void {
    this.#found.push(`${path}: ${what}`);
  }

  get all(): readonly string[] {
    return this.#found;
  }
}

/** Checks one field of a definition. */
export type Check = (value: Json, path: string, problems: Problems) => void;

/** The fields an object may have, each with its check; a name that ends in `!` is required. */
export type Fields = Readonly<Record<string, Check>>;

const UNSUPPORTED = "not supported by the local engine";

/** Fields of JSONPath states, which the engine does not run. */
const JSONPATH_FIELDS = new Set([
  ...["InputPath", "OutputPath", "Parameters", "ResultPath", "ResultSelector", "ItemsPath", "Variable", "Iterator"],
  ...["SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "ErrorPath", "CausePath"],
  ...["MaxConcurrencyPath", "ToleratedFailurePercentagePath", "ToleratedFailureCountPath", "Result"],
]);

/** Checks an object against its fields; any other field is refused by name. */
export const checkFields = (value: Json, path: string, fields: Fields, problems: Problems): value is JsonObject => {
  if (!isObject(value)) {
    problems.add(path, `must be an object, is ${kindOf(value)}`);
    return false;
  }
  const at = (field: string) => (path === "" ? field : `${path}.${field}`);
  for (const [name, given] of Object.entries(value)) {
    const check = fields[name] ?? fields[`${name}!`];
    if (check !== undefined) check(given, at(name), problems);
    else
      problems.add(
        at(name),
        JSONPATH_FIELDS.has(name) ? `${UNSUPPORTED} (it runs JSONata, not JSONPath)` : UNSUPPORTED,
      );
  }
  for (const name of Object.keys(fields)) {
    if (name.endsWith("!") && value[name.slice(0, -1)] === undefined) problems.add(at(name.slice(0, -1)), "required");
  }
  return true;
};

export const text: Check = (value, path, problems) => {
  if (typeof value !== "string") problems.add(path, `must be a string, is ${kindOf(value)}`);
};

/** Exactly one of some values. */
export const oneOf =
  (...values: Json[]): Check =>
  (value, path, problems) => {
    if (values.includes(value)) return;
    const known = values.map((each) => JSON.stringify(each)).join(" or ");
    problems.add(path, `must be ${known} in the local engine, is ${JSON.stringify(value)}`);
  };

/** A number in a range. */
export const numberFrom =
  (least: number, options: { most?: number; whole?: boolean } = {}): Check =>
  (value, path, problems) => {
    const { most = Number.POSITIVE_INFINITY, whole = false } = options;
    const fits = typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value));
    if (fits) return;
    const upTo = most === Number.POSITIVE_INFINITY ? "up" : `to ${most}`;
    problems.add(path, `must be a ${whole ? "whole " : ""}number from ${least} ${upTo}, is ${JSON.stringify(value)}`);
  };

/** An expression that parses. */
export const expression: Check = (value, path, problems) => {
  if (!isExpression(value)) {
    problems.add(path, `must be a JSONata expression "{% … %}", is ${JSON.stringify(value)}`);
    return;
  }
  try {
    compile(value);
  } catch (error) {
    problems.add(path, (error as Error).message);
  }
};

/** An expression, or what another check takes. */
export const expressionOr =
  (other: Check): Check =>
  (value, path, problems) =>
    (isExpression(value) ? expression : other)(value, path, problems);

/** Any JSON; the expressions in it must parse. */
export const template: Check = (value, path, problems) => {
  if (isExpression(value)) expression(value, path, problems);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) template(item, `${path}[${index}]`, problems);
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) template(item, `${path}.${key}`, problems);
};

/** A list with at least one entry, each checked. */
export const listOf =
  (check: Check): Check =>
  (value, path, problems) => {
    if (!Array.isArray(value) || value.length === 0) {
      problems.add(path, `must be a list with at least one entry, is ${JSON.stringify(value)}`);
      return;
    }
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`, problems);
  };

/** An object of variables: names as JSONata takes them, values with expressions. */
export const assignments: Check = (value, path, problems) => {
  if (!isObject(value)) {
    problems.add(path, `must be an object, is ${kindOf(value)}`);
    return;
  }
  for (const [name, each] of Object.entries(value)) {
    if (name === "states") problems.add(`${path}.states`, "is reserved: choose another name for the variable");
    else if (!/^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u.test(name)) {
      problems.add(`${path}.${name}`, "must be an identifier of at most 80 characters");
    }
    template(each, `${path}.${name}`, problems);
  }
};
