import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { Grid } from "#grid/config.ts";
import { loadGrid } from "#grid/load-config.ts";
import { bundleGrid } from "#stacks/bundle/bundle-grid.ts";
import { addStacks } from "#stacks/grid-app.ts";
import { FIXTURE_SOURCES } from "./synthesize-fixture.ts";

/** Example grids of test/fixtures/configs: between them they use every choice that changes what stacks there are. */
export const EXAMPLE_CONFIGS = ["default", "private-endpoint", "air-gapped", "gpu-spot"] as const;
export type ExampleConfig = (typeof EXAMPLE_CONFIGS)[number];

export interface TemplateResource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is JSON, whose shape is what tests are about
  readonly Properties?: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

interface StackTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

export interface SynthesizedConfig {
  readonly grid: Grid;
  /** By stack id. */
  readonly templates: Readonly<Record<string, StackTemplate>>;
  /** What validation of templates and cdk-nag found and nobody acknowledged: `path: rule`. */
  readonly findings: readonly string[];
  /** Seconds that the CDK took, from making stacks to written templates. */
  readonly seconds: number;
}

interface Report {
  readonly pluginReports: readonly {
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

/** Synthesizes all stacks of an example grid, offline, with cdk-nag's AwsSolutions on top of CDK's own validation. */
export async function synthesizeConfig(name: ExampleConfig): Promise<SynthesizedConfig> {
  const { grid, ...loaded } = await loadGrid(resolve(import.meta.dirname, `../fixtures/configs/${name}.config.ts`));
  await using bundles = await bundleGrid({ grid, ...loaded }, FIXTURE_SOURCES);
  const outdir = await mkdtemp(join(tmpdir(), `burstgrid-${name}-`));
  try {
    const startedAt = performance.now();
    const app = new App({ context: JSON.parse(readFileSync("cdk.json", "utf8")).context, outdir });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    addStacks(app, { grid, bundles });
    const stacks = synthesized(app);
    return {
      grid,
      templates: Object.fromEntries(stacks.map(({ id, template }) => [id, template])),
      findings: findingsIn(join(outdir, "validation-report.json")),
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

/** The templates, also of an app in which something was found: then `synth` throws after it has written them. */
function synthesized(app: App): { readonly id: string; readonly template: StackTemplate }[] {
  try {
    app.synth();
  } catch (error) {
    if (!(error instanceof Error && error.name === "ValidationFailed")) throw error;
  }
  const { artifacts } = JSON.parse(readFileSync(join(app.outdir, "manifest.json"), "utf8"));
  return Object.entries<{ type: string; properties: { templateFile: string } }>(artifacts)
    .filter(([, { type }]) => type === "aws:cloudformation:stack")
    .map(([id, { properties }]) => ({
      id,
      template: JSON.parse(readFileSync(join(app.outdir, properties.templateFile), "utf8")),
    }));
}

function findingsIn(file: string): string[] {
  if (!existsSync(file)) return [];
  const { pluginReports } = JSON.parse(readFileSync(file, "utf8")) as Report;
  return pluginReports
    .flatMap(({ violations }) => violations)
    .flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => `${constructPath}: ${ruleName}`),
    );
}
