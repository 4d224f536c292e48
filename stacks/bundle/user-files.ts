import { cp, glob, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import type { LoadedGrid } from "#grid/load-config.ts";
import { BundleError } from "./bundle-error.ts";

/** The files that an application's `files` globs name: paths relative to the config file's folder, sorted. */
export async function filesOf({ grid, folder }: LoadedGrid, application: string): Promise<string[]> {
  const found = new Set<string>();
  const problems: string[] = [];
  for (const pattern of grid.applications[application]!.files) {
    const matches = await filesMatching(folder, pattern);
    const outside = matches.find((path) => path.startsWith("..") || resolve(folder, path) === path);
    if (outside !== undefined) {
      problems.push(`applications.${application}.files: "${pattern}" leaves the config file's folder ${folder}`);
    } else if (matches.length === 0) {
      problems.push(`applications.${application}.files: no file below ${folder} matches "${pattern}"`);
    }
    for (const path of matches) found.add(path);
  }
  if (problems.length > 0) throw new BundleError(problems);
  return [...found].sort();
}

/** Copies files to the same places below `target`. */
export async function copyFiles(folder: string, paths: readonly string[], target: string): Promise<void> {
  for (const path of paths) await cp(join(folder, path), join(target, path), { dereference: true });
}

async function filesMatching(folder: string, pattern: string): Promise<string[]> {
  const files: string[] = [];
  for await (const match of glob(pattern, { cwd: folder })) {
    const path = relative(folder, resolve(folder, match)).split(sep).join("/");
    if ((await stat(resolve(folder, path))).isFile()) files.push(path);
  }
  return files;
}
