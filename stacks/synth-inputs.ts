import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoadedGrid } from "#grid/load-config.ts";

/** What an assembly was made from, apart from the project's own folders: written beside it for whoever caches it. */
export interface SynthInputs {
  /** Absolute path of the config file. */
  readonly config: string;
  /** Absolute paths of bundled sources and copied files. */
  readonly files: readonly string[];
  /** Globs of user files, relative to the config file's folder: a file that comes to match is an input too. */
  readonly globs: readonly string[];
}

export const SYNTH_INPUTS_FILE = "synth-inputs.json";

export async function writeSynthInputs(
  outdir: string,
  { loaded, inputs }: { readonly loaded: LoadedGrid; readonly inputs: readonly string[] },
): Promise<void> {
  const written: SynthInputs = {
    config: loaded.file,
    files: [...new Set([loaded.file, ...inputs])],
    globs: [...new Set(Object.values(loaded.grid.applications).flatMap(({ files }) => files))],
  };
  await writeFile(join(outdir, SYNTH_INPUTS_FILE), `${JSON.stringify(written, undefined, 2)}\n`);
}
