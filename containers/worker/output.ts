import type { JsonSchema } from "#grid/definition.ts";
import { TASK_ERRORS } from "#grid/result-row.ts";
import { TaskFailure } from "./task-failure.ts";

/** The largest output of a task, in bytes of JSON. */
export const OUTPUT_BYTES = 100 * 1024 * 1024;
/** The largest that travels in its row; larger ones get an object of their own. */
export const INLINE_OUTPUT_BYTES = 256 * 1024;

/** JSON of what a handler returned; nothing returned is null. Throws a TaskFailure for what JSON cannot say. */
export function jsonOf(output: unknown): string {
  try {
    return JSON.stringify(output) ?? "null";
  } catch (cause) {
    if (cause instanceof RangeError && cause.message === "Invalid string length")
      throw tooLarge("more than a string holds");
    throw badOutput(`the output is no JSON value: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** Passes JSON on if it fits; throws a TaskFailure that says where it does not. */
export type OutputCheck = (json: string) => string;

/** Ajv is loaded for applications that give a schema. */
export async function outputCheck(schema: JsonSchema | undefined): Promise<OutputCheck> {
  if (schema === undefined) return (json) => json;
  const { jsonCheck } = await import("#grid/json-schema.ts");
  const problemsOf = jsonCheck(schema);
  return (json) => {
    const problems = problemsOf(JSON.parse(json));
    if (problems.length > 0)
      throw badOutput(`the output does not fit the application's schema: ${problems.join("; ")}`);
    return json;
  };
}

export const badOutput = (message: string) => new TaskFailure(TASK_ERRORS.badOutput, message);
export const tooLarge = (size: string) =>
  new TaskFailure(TASK_ERRORS.outputTooLarge, `the output is ${size}: at most ${OUTPUT_BYTES} bytes of JSON`);
