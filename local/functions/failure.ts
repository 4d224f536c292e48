import type { Invocation } from "./invocation.ts";

/** A failure as Lambda's Node.js runtime reports whatever was thrown. */
export const failureOf = (thrown: unknown): Extract<Invocation, { ok: false }> =>
  thrown instanceof Error
    ? { ok: false, errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? "").split("\n") }
    : { ok: false, errorType: typeof thrown, errorMessage: String(thrown), trace: [] };

/** An error of the runtime itself, under the name Lambda gives it. */
export const runtimeError = (name: `Runtime.${string}`, message: string, cause?: unknown): Error => {
  const error = new Error(message, { cause });
  error.name = name;
  return error;
};
