import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { decodeGrid, type GridConfig } from "#grid/config.ts";
import { FoundationStack } from "#stacks/foundation-stack.ts";

/** The foundation of a grid with these settings, and the app to add stacks to. Nothing is written unless the app is synthesized. */
export function foundationOf(settings: Partial<GridConfig> = {}) {
  const app = new App({
    context: JSON.parse(readFileSync("cdk.json", "utf8")).context,
    outdir: join(tmpdir(), `burstgrid-foundation-${process.pid}`),
  });
  const grid = decodeGrid({ name: "demo", applications: {}, ...settings }, "test");
  const stack = new FoundationStack(app, "Foundation", { grid });
  return { app, grid, stack, template: () => Template.fromStack(stack) };
}
