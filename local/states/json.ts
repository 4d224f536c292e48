/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** A JSON value with the text it is written as: the text goes to history and records, the value to expressions. */
export interface Data {
  readonly text: string;
  readonly value: Json;
}

/** The data written in `text`; throws SyntaxError when it is not JSON. */
export const dataOf = (text: string): Data => ({ text, value: JSON.parse(text) as Json });

/** `value` as data that shares nothing with it. */
export const copyOf = (value: Json): Data => dataOf(JSON.stringify(value));

/** Whether `value` is a JSON object: neither null nor an array. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a value is, in the words of JSON. */
export const kindOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value === "object" ? "object" : typeof value;
