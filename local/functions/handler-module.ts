import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction, constants } from "node:vm";
import { runtimeError } from "./failure.ts";

/** A function's entry point. Callback handlers (three parameters) went with Lambda's nodejs24.x runtime. */
export type Handler = (event: unknown, context: unknown) => unknown;

/**
 * Loads `file.export` from a folder of code: `file.mjs` as an ES module, `file.cjs` as CommonJS, `file.js` as what the
 * package.json beside it says. One further up says nothing about it: on Lambda there is none above the code.
 * @throws Error named `Runtime.ImportModuleError`, `Runtime.UserCodeSyntaxError`, `Runtime.HandlerNotFound` or
 *   `Runtime.CallbackHandlerDeprecated`; what the module itself throws while it loads comes through as it is.
 */
export const loadHandler = async (code: string, handler: string): Promise<Handler> => {
  const [file = "", exported = ""] = handler.split(".", 2);
  const found = exportOf(await loadModule(code, file), exported);
  if (typeof found !== "function") {
    const why = found === undefined ? "undefined or not exported" : "not a function";
    throw runtimeError("Runtime.HandlerNotFound", `${handler} is ${why}`);
  }
  if (found.length >= 3) {
    const message = `${handler} takes a callback, which nodejs24.x does not support: return a promise instead`;
    throw runtimeError("Runtime.CallbackHandlerDeprecated", message);
  }
  return found as Handler;
};

const loadModule = async (code: string, file: string): Promise<unknown> => {
  const path = [".js", ".mjs", ".cjs"].map((ending) => join(code, file + ending)).find(existsSync);
  if (path === undefined) {
    throw runtimeError("Runtime.ImportModuleError", `Error: Cannot find module '${file}' in ${code}`);
  }
  try {
    return path.endsWith(".js") && !isModulePackage(code) ? loadCommonJs(path) : await import(pathToFileURL(path).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError("Runtime.UserCodeSyntaxError", String(error), error);
    const errorCode = error instanceof Error && "code" in error ? error.code : undefined;
    if (errorCode === "MODULE_NOT_FOUND" || errorCode === "ERR_MODULE_NOT_FOUND") {
      throw runtimeError("Runtime.ImportModuleError", String(error), error);
    }
    throw error;
  }
};

const isModulePackage = (code: string): boolean => {
  const manifest = join(code, "package.json");
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).type === "module";
};

/** `import()` would take the file for an ES module wherever a package.json above it has `"type": "module"`. */
const loadCommonJs = (path: string): unknown => {
  const module = { exports: {} as unknown };
  const run = compileFunction(readFileSync(path, "utf8"), ["exports", "require", "module", "__filename", "__dirname"], {
    filename: path,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  run.call(module.exports, module.exports, createRequire(path), module, path, dirname(path));
  return module.exports;
};

const exportOf = (module: unknown, name: string): unknown =>
  member(module, name) ?? member(member(module, "default"), name);

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
