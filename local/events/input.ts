import { AwsFault } from "../aws-json.ts";

type Input = Record<string, unknown>;

/** A field of an input that must be a string. @throws AwsFault ValidationException */
export const text = (input: Input, field: string, absent?: string): string => {
  const value = input[field] ?? absent;
  if (typeof value === "string") return value;
  throw new AwsFault("ValidationException", `${field} must be a string, came ${JSON.stringify(value) ?? "nothing"}`);
};

/** The same for a field that may be left out. */
export const optionalText = (input: Input, field: string): string | undefined =>
  input[field] === undefined ? undefined : text(input, field);
