import { AwsFault, type JsonAction, onlyFields } from "../../aws-json.ts";
import { isArnOf } from "../arns.ts";

/** What the fields of an action's input are. */
export interface ActionInput {
  /** @throws AwsFault MissingRequiredParameter, ValidationException */
  text(field: string): string;
  optionalText(field: string, options?: { longest?: number }): string | undefined;
  optionalNumber(field: string): number | undefined;
  optionalBoolean(field: string): boolean | undefined;
  /** @throws AwsFault InvalidArn */
  arn(field: string, kind: "stateMachine" | "execution" | "mapRun"): string;
}

/**
 * Reads an action's input.
 * @param known the fields the action has here; any other is refused by name.
 */
const inputOf = (action: string, input: Record<string, unknown>, known: readonly string[]): ActionInput => {
  onlyFields("Step Functions", action, input, known);
  const wrong = (field: string, what: string) => new AwsFault("ValidationException", `${action}: ${field} ${what}`);
  const optional = <T>(field: string, type: "string" | "number" | "boolean"): T | undefined => {
    const value = input[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value === type) return value as T;
    throw wrong(field, `must be a ${type}, came ${JSON.stringify(value)}`);
  };
  const text = (field: string): string => {
    const value = optional<string>(field, "string");
    if (value === undefined) throw wrong(field, "is required");
    return value;
  };
  return {
    text,
    optionalText: (field, { longest = Number.POSITIVE_INFINITY } = {}) => {
      const value = optional<string>(field, "string");
      if ((value?.length ?? 0) > longest)
        throw wrong(field, `has ${value?.length} characters, at most ${longest} are taken`);
      return value;
    },
    optionalNumber: (field) => optional<number>(field, "number"),
    optionalBoolean: (field) => optional<boolean>(field, "boolean"),
    arn: (field, kind) => {
      const arn = text(field);
      if (!isArnOf(kind, arn)) throw new AwsFault("InvalidArn", `Invalid Arn: '${arn}' is no ARN of kind ${kind}`);
      return arn;
    },
  };
};

/** An action by name: takes `known` fields and no others. */
export const action = (
  name: string,
  known: readonly string[],
  run: (input: ActionInput) => unknown,
): Record<string, JsonAction> => ({ [name]: (input) => run(inputOf(name, input, known)) });
