import { resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { PROJECT } from "./project.ts";

/** CommonJS packages inside an ES module bundle call `require` for Node's own modules. */
const REQUIRE =
  'import { createRequire as __createRequire } from "node:module";const require = __createRequire(import.meta.url);';

/**
 * One esbuild run for Node 24: each entry point a self-contained ES module (`.mjs`). Names are kept: an error's name is what the
 * state machine catches. Returns the absolute paths of the files that went in.
 */
export async function esbuild(options: BuildOptions & { readonly outdir: string }): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: PROJECT,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    banner: { js: REQUIRE },
    mainFields: ["module", "main"],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "silent",
    ...options,
    metafile: true,
  });
  return Object.keys(metafile.inputs)
    .filter((input) => !VIRTUAL.test(input))
    .map((input) => resolve(PROJECT, input));
}

/** Inputs that are no files: plugin namespaces and disabled modules. */
const VIRTUAL = /^(?:[a-z][a-z-]+:|\(disabled\):|<)/;
