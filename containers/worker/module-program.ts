import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ApplicationDefinition } from "#grid/definition.ts";
import { jsonOf, outputCheck } from "./output.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskProgram } from "./task-program.ts";

/** Loads an application's `handler`. Rejects with what the module threw, or with an Error when it exports no function of that name. */
export async function moduleProgram(
  imageFolder: string,
  module: string,
  application: ApplicationDefinition,
): Promise<TaskProgram> {
  const check = await outputCheck(application.output);
  const { handler }: Record<string, unknown> = await import(pathToFileURL(join(imageFolder, module)).href);
  if (typeof handler !== "function") {
    throw new TypeError(`${module} exports ${typeof handler} as \`handler\`: expected a function`);
  }
  const call = handler as (task: unknown, context: TaskContext) => unknown;
  return async ({ line, context }) => check(jsonOf(await call(JSON.parse(line), context)));
}
