import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { JobContext } from "./context.ts";
import { thrownBy, UserFailure } from "./user-failure.ts";

type UserFunction = (input: unknown, context: JobContext) => unknown;

/** Loads the function that a user's module exports under `name`. Throws a UserFailure that says why it could not. */
export async function loadFunction(appFolder: string, module: string, name: string): Promise<UserFunction> {
  const exported: unknown = await import(pathToFileURL(join(appFolder, module)).href).then(
    (loaded: Record<string, unknown>) => loaded[name],
    (cause: unknown) => {
      throw thrownBy(`loading ${module}`, cause);
    },
  );
  if (typeof exported !== "function") {
    throw new UserFailure(`${module} exports ${typeof exported} as \`${name}\`: expected a function`);
  }
  return exported as UserFunction;
}

/**
 * What user code throws outside of the call at hand, from a timer or a promise that nobody awaits, would end the process as if the pod
 * were broken. This rejects with it instead.
 */
export function strayError(what: string): Promise<never> {
  return new Promise((_, reject) => {
    for (const event of ["uncaughtException", "unhandledRejection"] as const) {
      process.on(event, (cause: unknown) => reject(thrownBy(what, cause)));
    }
  });
}
