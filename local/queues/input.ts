import { AwsFault } from "../aws-json.ts";
import { invalidParameter } from "./faults.ts";

/** The decoded input of one action. */
export type Input = Record<string, unknown>;

export const requiredString = (input: Input, field: string): string => {
  const value = input[field];
  if (typeof value === "string" && value !== "") return value;
  throw new AwsFault("MissingParameter", `the request must contain the parameter ${field}`);
};

export const optionalString = (input: Input, field: string): string | undefined => {
  const value = input[field];
  if (value === undefined || typeof value === "string") return value;
  throw invalidParameter(`${field} must be a string, came ${JSON.stringify(value)}`);
};

/** An integer of the range, or `fallback` when the field is absent. */
export const integerOr = (input: Input, field: string, fallback: number, min: number, max: number): number => {
  const value = input[field] ?? fallback;
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalidParameter(`${field} must be an integer from ${min} to ${max}, came ${JSON.stringify(value)}`);
};

export const stringList = (input: Input, field: string): string[] => {
  const value = input[field] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw invalidParameter(`${field} must be a list of strings, came ${JSON.stringify(value)}`);
};

export const stringMap = (input: Input, field: string): Record<string, string> => {
  const value = input[field] ?? {};
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isMap && Object.values(value).every((item) => typeof item === "string")) return value as Record<string, string>;
  throw invalidParameter(`${field} must be an object of strings, came ${JSON.stringify(value)}`);
};
