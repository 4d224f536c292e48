import jsonata, { type Expression } from "jsonata";
import { EvaluationFailure } from "../failure.ts";
import { type Json, kindOf } from "../json.ts";
import { registerFunctions } from "./functions.ts";
import { assignedInside, freeVariables } from "./variables.ts";

/** What an expression sees: `$states` and the variables of its scope. */
export interface Bindings {
  readonly states: {
    readonly input: Json;
    readonly context: Json;
    readonly result?: Json;
    readonly errorOutput?: Json;
  };
  readonly variables: Readonly<Record<string, Json>>;
}

/**
 * Milliseconds an evaluation may take. AWS allows 1 s of computing; here many evaluations share one thread, and the
 * clock runs for all of them.
 */
const EVALUATION_TIMEOUT_MS = 10_000;

const EVALUATION_STACK = 500;

interface Compiled {
  readonly source: string;
  readonly expression: Expression;
  readonly variables: ReadonlySet<string>;
}

/** Compiled expressions by source: a machine evaluates the same few for every execution. */
const compiled = new Map<string, Compiled>();

/** Whether a string of a definition is an expression: all of it, between `{%` and `%}`. */
export const isExpression = (text: unknown): text is string =>
  typeof text === "string" && text.length >= 4 && text.startsWith("{%") && text.endsWith("%}");

/** @throws Error when the expression does not parse, or calls `$eval`, which Step Functions bars. */
export const compile = (text: string): Compiled => {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const source = text.slice(2, -2).trim();
  const expression = parseExpression(source);
  registerFunctions(expression);
  const variables = freeVariables(expression.ast());
  if (variables.has("eval") || assignedInside(expression.ast()).has("eval")) {
    throw new Error(`the JSONata expression '${source}' uses $eval: not supported by Step Functions`);
  }
  const result: Compiled = { source, expression, variables };
  compiled.set(text, result);
  return result;
};

const parseExpression = (source: string): Expression => {
  try {
    return jsonata(source, { timeout: EVALUATION_TIMEOUT_MS, stack: EVALUATION_STACK });
  } catch (error) {
    throw new Error(`the JSONata expression '${source}' does not parse: ${messageOf(error)}`, { cause: error });
  }
};

/**
 * Evaluates one expression.
 * @param location the field it stands in, for the error.
 * @throws EvaluationFailure when it throws, gives nothing or gives what is not JSON.
 */
const evaluateExpression = async (text: string, bindings: Bindings, location: string): Promise<Json> => {
  const { source, expression } = compile(text);
  const failure = (what: string) =>
    new EvaluationFailure(location, `The JSONata expression '${source}' specified for the field '${location}' ${what}`);
  let result: unknown;
  try {
    result = await expression.evaluate(undefined, { ...bindings.variables, states: bindings.states });
  } catch (error) {
    throw failure(`threw an error during evaluation. ${messageOf(error)}`);
  }
  if (result === undefined) throw failure("returned nothing (undefined).");
  if (typeof result !== "object" || result === null) return scalar(result, failure);
  if (isFunction(result)) throw failure("returned an unexpected result type: function.");
  try {
    return JSON.parse(JSON.stringify(result)) as Json;
  } catch (error) {
    throw failure(`returned what cannot be written as JSON. ${messageOf(error)}`);
  }
};

const scalar = (result: unknown, failure: (what: string) => EvaluationFailure): Json => {
  if (typeof result === "string" || typeof result === "boolean" || result === null) return result;
  if (typeof result === "number" && Number.isFinite(result)) return result;
  throw failure(`returned an unexpected result type: ${typeof result}.`);
};

/** JSONata's own marks on the functions it makes. */
const isFunction = (value: object): boolean => "_jsonata_lambda" in value || "_jsonata_function" in value;

/** A value of a definition with every expression in it, at any depth, replaced by what it gives. */
export const evaluateTemplate = async (template: Json, bindings: Bindings, location: string): Promise<Json> => {
  if (typeof template === "string") {
    return isExpression(template) ? evaluateExpression(template, bindings, location) : template;
  }
  if (template === null || typeof template !== "object") return template;
  if (Array.isArray(template)) {
    const values: Json[] = [];
    for (const [index, item] of template.entries()) {
      values.push(await evaluateTemplate(item, bindings, `${location}[${index}]`));
    }
    return values;
  }
  const values: [string, Json][] = [];
  for (const [key, value] of Object.entries(template)) {
    values.push([key, await evaluateTemplate(value, bindings, `${location}/${key}`)]);
  }
  return Object.fromEntries(values);
};

/** A field that must give a certain type. @throws EvaluationFailure when it gives another. */
export const evaluateTo = async <T extends Json>(
  template: Json,
  bindings: Bindings,
  location: string,
  expected: { readonly kind: string; readonly is: (value: Json) => value is T },
): Promise<T> => {
  const value = await evaluateTemplate(template, bindings, location);
  if (expected.is(value)) return value;
  const source = isExpression(template) ? compile(template).source : JSON.stringify(template);
  throw new EvaluationFailure(
    location,
    `The JSONata expression '${source}' specified for the field '${location}' returned an unexpected result type. ` +
      `Expected '${expected.kind}', but was '${kindOf(value)}' for value: ${JSON.stringify(value).slice(0, 200)}`,
  );
};

/** JSONata throws plain objects with a code and a message. */
const messageOf = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return String(error);
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === undefined ? String(message) : `${code}: ${message}`;
};
