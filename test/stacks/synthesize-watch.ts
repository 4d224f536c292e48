import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { decodeGrid, type GridConfig } from "#grid/config.ts";
import { loadGrid } from "#grid/load-config.ts";
import { bundleGrid } from "#stacks/bundle/bundle-grid.ts";
import { addStacks } from "#stacks/grid-app.ts";
import { FIXTURE_CONFIG, FIXTURE_SOURCES } from "./synthesize-fixture.ts";

export interface Synthesized {
  readonly watch: Template;
  /** The templates of all stacks. */
  readonly all: readonly Template[];
}

export interface WatchSynthesizer extends AsyncDisposable {
  /** The stacks of the fixture's grid with some of its config changed. */
  synthesize(changes?: Partial<GridConfig>): Synthesized;
}

/** Bundles the fixture's grid once, for as many syntheses as a test needs. */
export async function watchSynthesizer(): Promise<WatchSynthesizer> {
  const config: GridConfig = JSON.parse(readFileSync(FIXTURE_CONFIG, "utf8"));
  // With a Vault, so that a test may ask for one.
  const loaded = { ...(await loadGrid(FIXTURE_CONFIG)), grid: decodeGrid({ ...config, vault: {} }, "test") };
  const bundles = await bundleGrid(loaded, FIXTURE_SOURCES);
  const { context } = JSON.parse(readFileSync("cdk.json", "utf8"));
  const outdirs: string[] = [];
  return {
    synthesize(changes = {}) {
      const outdir = join(tmpdir(), `burstgrid-watch-${process.pid}-${performance.now()}`);
      outdirs.push(outdir);
      const app = new App({ context, outdir });
      const stacks = addStacks(app, { grid: decodeGrid({ ...config, ...changes }, "test"), bundles });
      const templates = Object.values<Stack>(stacks).map((stack) => Template.fromStack(stack));
      return { watch: Template.fromStack(stacks.watch), all: templates };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(outdirs.map((outdir) => rm(outdir, { recursive: true, force: true })));
      await bundles[Symbol.asyncDispose]();
    },
  };
}
