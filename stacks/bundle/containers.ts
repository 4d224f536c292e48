import { join } from "node:path";
import type { BuildFailure, Message, Plugin } from "esbuild";
import type { LoadedGrid } from "#grid/load-config.ts";
import { BundleError } from "./bundle-error.ts";
import { esbuild } from "./esbuild.ts";
import { type UserModule, userModulesOf } from "./user-modules.ts";

/** Entry points of Burstgrid's own programs in an image, and the bundles they become below the image's folder. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "master/main.ts": "master",
  "worker/main.ts": "worker",
  "worker/task-thread.ts": "task-thread",
};

const NAMESPACE = "user-module";

/**
 * Bundles master, worker and the users' modules, each into one file below `outdir`. Returns the files that went in.
 * Throws a BundleError for a user's module that cannot be bundled or lacks its export.
 */
export async function bundleContainers(sources: string, loaded: LoadedGrid, outdir: string): Promise<string[]> {
  const modules = await userModulesOf(loaded);
  try {
    return await esbuild({
      entryPoints: [
        ...Object.entries(PROGRAMS).map(([source, out]) => ({ in: join(sources, source), out })),
        ...modules.map(({ bundle }) => ({ in: `${NAMESPACE}:${bundle}`, out: bundle.replace(/\.mjs$/, "") })),
      ],
      plugins: [entries(modules)],
      outdir,
    });
  } catch (error) {
    const problems = problemsOf(error as BuildFailure, modules);
    throw problems.length > 0 ? new BundleError(problems) : error;
  }
}

/** A user's module is bundled by way of an entry that re-exports the one name it must have: esbuild says if it has not. */
function entries(modules: readonly UserModule[]): Plugin {
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${NAMESPACE}:`) }, ({ path }) => ({
        path: path.slice(NAMESPACE.length + 1),
        namespace: NAMESPACE,
      }));
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => {
        const module = modules.find(({ bundle }) => bundle === path)!;
        return {
          contents: `export { ${module.exported} } from ${JSON.stringify(module.file)};`,
          resolveDir: join(module.file, ".."),
          loader: "js",
        };
      });
    },
  };
}

function problemsOf({ errors }: BuildFailure, modules: readonly UserModule[]): string[] {
  return (errors ?? []).map((error) => {
    const module = modules.find(({ bundle }) => error.location?.file === `${NAMESPACE}:${bundle}`);
    if (module === undefined) return placed(error);
    return error.text.startsWith("No matching export")
      ? `${module.path}: ${module.file} does not export \`${module.exported}\``
      : `${module.path}: ${error.text}`;
  });
}

const placed = ({ text, location }: Message) =>
  location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`;
