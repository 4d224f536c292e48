import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { loadGrid } from "#grid/load-config.ts";
import { bundleGrid, type Sources } from "#stacks/bundle/bundle-grid.ts";
import { addStacks } from "#stacks/grid-app.ts";

const FIXTURES = resolve(import.meta.dirname, "../fixtures");

/** Handlers and programs of a line each, so that a test of wiring does not depend on what they do. */
export const FIXTURE_SOURCES: Sources = {
  handlers: join(FIXTURES, "sources/handlers"),
  containers: join(FIXTURES, "sources/containers"),
};

/** A grid of two pools: `sums` (modules) in general, `words` (a command) in python. */
export const FIXTURE_CONFIG = join(FIXTURES, "synth/grid.config.json");

export interface SynthesizedFixture extends AsyncDisposable {
  /** Folder of the cloud assembly. */
  readonly assembly: string;
  readonly grid: Template;
  readonly pools: Template;
}

/** What stacks/app.ts does, for a fixture config and with fixture sources. */
export async function synthesizeFixture(config = FIXTURE_CONFIG): Promise<SynthesizedFixture> {
  const loaded = await loadGrid(config);
  const app = new App({ context: JSON.parse(readFileSync("cdk.json", "utf8")).context, outdir: outdir() });
  await using bundles = await bundleGrid(loaded, FIXTURE_SOURCES);
  const { grid, pools } = addStacks(app, { grid: loaded.grid, bundles });
  app.synth();
  return {
    assembly: app.outdir,
    grid: Template.fromStack(grid),
    pools: Template.fromStack(pools),
    [Symbol.asyncDispose]: () => rm(app.outdir, { recursive: true, force: true }),
  };
}

const outdir = () => join(tmpdir(), `burstgrid-synth-${process.pid}-${performance.now()}`);
