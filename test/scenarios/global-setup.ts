import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { synthesize } from "#local/synth.ts";
import { CONFIG } from "./config.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Folder with the assembly of the tests' grid, to be linked into a state folder as `synth`. */
    synth: string;
  }
}

/** Synthesizes the tests' grid once for all files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const state = await mkdtemp(join(tmpdir(), "burstgrid-synth-"));
  const remove = () => rm(state, { recursive: true, force: true });
  try {
    await synthesize({ config: CONFIG, state });
  } catch (cause) {
    await remove();
    throw cause;
  }
  project.provide("synth", join(state, "synth"));
  return remove;
}
