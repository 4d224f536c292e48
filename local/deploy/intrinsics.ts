import { REGION } from "../names.ts";
import { DeployError } from "./deploy-error.ts";

/** What the intrinsic functions of a template look up. Each throws a DeployError for a name it does not know. */
export interface Scope {
  /** The value of `Ref`: of a parameter, a pseudo parameter or a resource. */
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  imported(exportName: string): unknown;
  /** An output of another stack, by that stack's name in CloudFormation. */
  stackOutput(stackName: string, outputName: string): unknown;
}

/** `AWS::NoValue`: the property or list element that has it is left out. */
export const NO_VALUE = Symbol("AWS::NoValue");

/** A template value with all its intrinsic functions worked out. Throws a DeployError that names a function not implemented. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((element) => resolve(element, scope)).filter((element) => element !== NO_VALUE);
  if (typeof value !== "object" || value === null) return value;
  const call = intrinsicCall(value);
  if (call !== undefined) return apply(call, scope);
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]) => [name, resolve(inner, scope)] as const)
      .filter(([, inner]) => inner !== NO_VALUE),
  );
}

/** A condition of the `Conditions` section, worked out. */
export function resolveCondition(value: unknown, scope: Scope): boolean {
  const resolved = resolve(value, scope);
  if (typeof resolved === "boolean") return resolved;
  throw new DeployError(`a condition must be true or false, came ${JSON.stringify(resolved)}`);
}

export interface IntrinsicCall {
  readonly name: string;
  readonly argument: unknown;
}

/** The call that an object stands for: one field named `Ref`, `Condition` (with a name) or `Fn::…`. */
export function intrinsicCall(value: object): IntrinsicCall | undefined {
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [name, argument] = entry;
  const isCall = name === "Ref" || name.startsWith("Fn::") || (name === "Condition" && typeof argument === "string");
  return isCall ? { name, argument } : undefined;
}

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => scope.ref(text("Ref", argument)),
  Condition: (argument, scope) => scope.condition(text("Condition", argument)),
  "Fn::GetAtt": (argument, scope) => {
    const [logicalId, ...attribute] = typeof argument === "string" ? argument.split(".") : list("Fn::GetAtt", argument);
    return scope.attribute(text("Fn::GetAtt", logicalId), text("Fn::GetAtt", resolve(attribute.join("."), scope)));
  },
  "Fn::GetStackOutput": (argument, scope) => {
    const { StackName, OutputName, Region = REGION, ...others } = resolve(argument, scope) as Record<string, unknown>;
    if (Region !== REGION) throw new DeployError(`Fn::GetStackOutput: Region ${Region}: the local region is ${REGION}`);
    for (const name of Object.keys(others)) {
      throw new DeployError(`Fn::GetStackOutput: ${name} is not implemented locally: there is one account`);
    }
    return scope.stackOutput(text("Fn::GetStackOutput", StackName), text("Fn::GetStackOutput", OutputName));
  },
  "Fn::GetAZs": (argument, scope) => {
    const region = resolve(argument, scope);
    if (region === "" || region === REGION) return ["a", "b", "c"].map((zone) => REGION + zone);
    throw new DeployError(`Fn::GetAZs: ${JSON.stringify(region)}: the local region is ${REGION}`);
  },
  "Fn::ImportValue": (argument, scope) => scope.imported(text("Fn::ImportValue", resolve(argument, scope))),
  "Fn::Join": (argument, scope) => {
    const [separator, parts] = list("Fn::Join", argument);
    const texts = list("Fn::Join", resolve(parts, scope)).map((part) => scalar("Fn::Join", part));
    return texts.join(text("Fn::Join", separator));
  },
  "Fn::Split": (argument, scope) => {
    const [separator, source] = list("Fn::Split", argument);
    return text("Fn::Split", resolve(source, scope)).split(text("Fn::Split", separator));
  },
  "Fn::Select": (argument, scope) => {
    const [position, choices] = list("Fn::Select", argument);
    const from = list("Fn::Select", resolve(choices, scope));
    const at = Number(resolve(position, scope));
    if (at in from) return from[at];
    throw new DeployError(`Fn::Select: there is no element ${JSON.stringify(position)} in a list of ${from.length}`);
  },
  "Fn::Sub": substitute,
  "Fn::If": (argument, scope) => {
    const [condition, whenTrue, whenFalse] = list("Fn::If", argument);
    return resolve(scope.condition(text("Fn::If", condition)) ? whenTrue : whenFalse, scope);
  },
  "Fn::Equals": (argument, scope) => {
    const [one, other] = list("Fn::Equals", resolve(argument, scope));
    return String(one) === String(other);
  },
  "Fn::Not": (argument, scope) => !resolveCondition(list("Fn::Not", argument)[0], scope),
  "Fn::And": (argument, scope) => list("Fn::And", argument).every((condition) => resolveCondition(condition, scope)),
  "Fn::Or": (argument, scope) => list("Fn::Or", argument).some((condition) => resolveCondition(condition, scope)),
};

function apply({ name, argument }: IntrinsicCall, scope: Scope): unknown {
  const intrinsic = Object.hasOwn(INTRINSICS, name) ? INTRINSICS[name] : undefined;
  if (intrinsic === undefined) {
    const known = Object.keys(INTRINSICS).join(", ");
    throw new DeployError(`the intrinsic function ${name} is not implemented locally (known: ${known})`);
  }
  return intrinsic(argument, scope);
}

/** `${Name}`, `${Resource.Attribute}`, `${!Literal}`: the placeholders of Fn::Sub. */
export const PLACEHOLDER = /\$\{(!?)([^{}]+)\}/g;

/** The text of an Fn::Sub and its own variables. */
export function substitutionOf(argument: unknown): {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
} {
  if (typeof argument === "string") return { text: argument, variables: {} };
  const [template, variables] = list("Fn::Sub", argument);
  return { text: text("Fn::Sub", template), variables: (variables ?? {}) as Record<string, unknown> };
}

function substitute(argument: unknown, scope: Scope): string {
  const { text: template, variables } = substitutionOf(argument);
  return template.replace(PLACEHOLDER, (_, literal: string, name: string) => {
    if (literal !== "") return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return scalar("Fn::Sub", resolve(variables[name], scope));
    const dot = name.indexOf(".");
    const value = dot < 0 ? scope.ref(name) : scope.attribute(name.slice(0, dot), name.slice(dot + 1));
    return scalar("Fn::Sub", value);
  });
}

function text(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new DeployError(`${name}: expected a string, came ${JSON.stringify(value)}`);
}

function scalar(name: string, value: unknown): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw new DeployError(`${name}: expected a string or a number, came ${JSON.stringify(value)}`);
}

function list(name: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new DeployError(`${name}: expected a list, came ${JSON.stringify(value)}`);
}
