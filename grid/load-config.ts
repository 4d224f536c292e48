import { readFile } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { decodeGrid, type Grid } from "./config.ts";
import { ConfigError } from "./config-error.ts";

export interface LoadedGrid {
  readonly grid: Grid;
  /** Absolute path of the config file. */
  readonly file: string;
  /** Its folder: what relative paths in it are relative to. */
  readonly folder: string;
}

const ENDINGS = [".ts", ".mts", ".js", ".mjs", ".json"];

/** Reads, checks and completes a config file (.ts, .mjs, .js with a default export, or .json). Throws a ConfigError. */
export async function loadGrid(path: string): Promise<LoadedGrid> {
  const file = resolve(path);
  if (!ENDINGS.includes(extname(file))) {
    throw new ConfigError(path, [`expected a file that ends in ${ENDINGS.join(", ")}`]);
  }
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(path, [cause.code === "ENOENT" ? "there is no such file" : cause.message]);
  });
  return { grid: decodeGrid(await evaluate(file, text), path), file, folder: dirname(file) };
}

async function evaluate(file: string, text: string): Promise<unknown> {
  try {
    if (extname(file) === ".json") return JSON.parse(text);
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    if (module.default === undefined)
      throw new Error("expected a default export, such as `export default defineGrid({ … })`");
    return module.default;
  } catch (cause) {
    throw new ConfigError(file, [cause instanceof Error ? cause.message : String(cause)]);
  }
}
