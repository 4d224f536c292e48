import { App } from "aws-cdk-lib";
import { ConfigError } from "#grid/config-error.ts";
import { loadGrid } from "#grid/load-config.ts";
import { BundleError } from "./bundle/bundle-error.ts";
import { bundleGrid } from "./bundle/bundle-grid.ts";
import { addStacks } from "./grid-app.ts";
import { writeSynthInputs } from "./synth-inputs.ts";

/**
 * The CDK app. Which grid: context `config` (`cdk synth -c config=FILE`), else BURSTGRID_CONFIG, else `grid.config.ts`.
 */
async function synthesize(): Promise<void> {
  const app = new App();
  const loaded = await loadGrid(
    app.node.tryGetContext("config") ?? process.env["BURSTGRID_CONFIG"] ?? "grid.config.ts",
  );
  await using bundles = await bundleGrid(loaded);

  addStacks(app, { grid: loaded.grid, bundles });
  app.synth();
  await writeSynthInputs(app.outdir, { loaded, inputs: bundles.inputs });
}

try {
  await synthesize();
} catch (error) {
  const expected = error instanceof ConfigError || error instanceof BundleError;
  process.stderr.write(`${error instanceof Error && !expected ? error.stack : (error as Error).message}\n`);
  process.exitCode = 1;
}
