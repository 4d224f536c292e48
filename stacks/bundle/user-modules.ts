import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { modulePath, type Role } from "#grid/definition.ts";
import type { LoadedGrid } from "#grid/load-config.ts";
import { BundleError } from "./bundle-error.ts";

/** What a module of each role must export. */
const EXPORTS: Readonly<Record<Role, string>> = { split: "split", task: "handler", merge: "merge" };

export interface UserModule {
  /** Where the config names it: `applications.NAME.ROLE`. */
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  /** The export that Burstgrid calls. */
  readonly exported: string;
  /** Where its bundle goes, below the image's folder. */
  readonly bundle: string;
}

/** The modules that a config names. Throws a BundleError naming those that are no files. */
export async function userModulesOf({ grid, folder }: LoadedGrid): Promise<UserModule[]> {
  const modules = Object.entries(grid.applications).flatMap(([name, { split, task, merge }]) => {
    const given: Record<Role, unknown> = { split, task: task.handler, merge };
    return (Object.keys(EXPORTS) as Role[]).flatMap((role) => {
      const source = given[role];
      if (typeof source !== "string") return [];
      return {
        path: `applications.${name}.${role === "task" ? "task.handler" : role}`,
        file: resolve(folder, source),
        exported: EXPORTS[role],
        bundle: modulePath(name, role),
      };
    });
  });
  const missing = [];
  for (const { path, file } of modules) if (!(await isFile(file))) missing.push(`${path}: there is no file ${file}`);
  if (missing.length > 0) throw new BundleError(missing);
  return modules;
}

const isFile = async (path: string) => (await stat(path, {}).catch(() => undefined))?.isFile() ?? false;
