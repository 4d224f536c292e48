import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { GridConfig } from "#grid/config.ts";
import { loadGrid } from "#grid/load-config.ts";
import { bundleGrid } from "#stacks/bundle/bundle-grid.ts";
import { addStacks } from "#stacks/grid-app.ts";
import { FIXTURE_SOURCES } from "./synthesize-fixture.ts";

/** The fixture's grid in a folder of its own, and a Vault, which is told what applications there are. */
let folder: string;
let config: GridConfig;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "burstgrid-one-stack-"));
  await cp("test/fixtures/synth", folder, { recursive: true });
  config = JSON.parse(await readFile(join(folder, "grid.config.json"), "utf8"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Each stack's template as text. */
async function templatesOf(changed: GridConfig): Promise<Map<string, string>> {
  const file = join(folder, "grid.config.json");
  await writeFile(file, JSON.stringify(changed));
  const loaded = await loadGrid(file);
  await using bundles = await bundleGrid(loaded, FIXTURE_SOURCES);
  const { context } = JSON.parse(readFileSync("cdk.json", "utf8"));
  const app = new App({ context, outdir: join(folder, `out-${performance.now()}`) });
  const stacks = Object.values<Stack>(addStacks(app, { grid: loaded.grid, bundles }));
  return new Map(stacks.map((stack) => [stack.node.id, JSON.stringify(Template.fromStack(stack).toJSON())]));
}

async function stacksThatDiffer(one: GridConfig, other: GridConfig): Promise<string[]> {
  const [before, after] = [await templatesOf(one), await templatesOf(other)];
  expect([...after.keys()]).toEqual([...before.keys()]);
  return [...after.keys()].filter((id) => after.get(id) !== before.get(id));
}

const newcomer = { split: "./split.ts", task: { handler: "./task.ts", timeout: "1 minute" } };

it("an application that asks for no more than its pool has changes, when it comes or goes, the Grid stack and no other", async () => {
  const more = { ...config, applications: { ...config.applications, newcomer } };
  expect(await stacksThatDiffer(config, more)).toEqual(["Grid"]);
  expect(await stacksThatDiffer(more, config)).toEqual(["Grid"]);
});

it("an application whose code changes does so too", async () => {
  const before = await templatesOf(config);
  await writeFile(join(folder, "task.ts"), "export const handler = async (n: number) => n * 2;\n");
  const after = await templatesOf(config);
  expect([...after.keys()].filter((id) => after.get(id) !== before.get(id))).toEqual(["Grid"]);
});

it("an application that asks for more than its pool has changes the pool's pods too", async () => {
  const slow = { ...newcomer, task: { ...newcomer.task, timeout: "1 hour" } };
  const more = { ...config, applications: { ...config.applications, slow } };
  expect(await stacksThatDiffer(config, more)).toEqual(["Grid", "Pools"]);
});

it("a pool that comes or goes changes what the grid, its workers and its alarms are, and nothing below them", async () => {
  const more = { ...config, pools: { ...config.pools, large: {} } };
  expect(await stacksThatDiffer(config, more)).toEqual(["Grid", "Pools", "Watch"]);
});
