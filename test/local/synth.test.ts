import { cp, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readAssembly } from "#local/deploy/index.ts";
import { SynthError, synthesize } from "#local/synth.ts";

/** The fixture grid in a folder of its own, last changed an hour ago. */
let folder: string;
let config: string;
let state: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "burstgrid-synth-test-"));
  await cp("test/fixtures/synth", folder, { recursive: true });
  const hourAgo = new Date(Date.now() - 3_600_000);
  for (const file of await readdir(folder, { recursive: true })) await utimes(join(folder, file), hourAgo, hourAgo);
  config = join(folder, "grid.config.json");
  state = join(folder, ".burstgrid");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const rewrite = async (file: string, change: (text: string) => string) =>
  writeFile(join(folder, file), change(await readFile(join(folder, file), "utf8")));

it("synthesizes once for the same sources, and again when a user's module changes", async () => {
  const first = await synthesize({ config, state });
  expect(first.cached).toBe(false);
  expect((await readAssembly(first.assembly)).stacks.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["Foundation", "Cluster", "Grid", "Files", "Pools", "Watch"]),
  );

  expect(await synthesize({ config, state })).toEqual({ assembly: first.assembly, cached: true });

  await rewrite("task.ts", (text) => text.replace("+ 1", "+ 2"));
  const second = await synthesize({ config, state });
  expect(second.cached).toBe(false);
  expect(second.assembly).not.toBe(first.assembly);
});

it("keeps the assets of the stacks that a local grid deploys, and no others", async () => {
  const { assembly } = await synthesize({ config, state });
  const sources = async (stack: string): Promise<string[]> => {
    const { files } = JSON.parse(await readFile(join(assembly, `${stack}.assets.json`), "utf8"));
    return Object.values<{ source: { path: string } }>(files).map(({ source }) => source.path);
  };
  const assets = (await readdir(assembly)).filter((name) => name.startsWith("asset."));
  expect(assets).toEqual(expect.arrayContaining((await sources("Grid")).filter((path) => path.startsWith("asset."))));
  const ofCluster = (await sources("Cluster")).filter((path) => path.startsWith("asset."));
  expect(ofCluster.length).toBeGreaterThan(0);
  for (const path of ofCluster) expect(assets).not.toContain(path);
});

it("synthesizes again when a file comes to match a glob, and goes back to the cached assembly when it is gone", async () => {
  const first = await synthesize({ config, state });
  await writeFile(join(folder, "data/more.csv"), "a,b\n");
  expect((await synthesize({ config, state })).cached).toBe(false);
  await rm(join(folder, "data/more.csv"));
  expect(await synthesize({ config, state })).toEqual({ assembly: first.assembly, cached: true });
});

it("takes a file that was only touched for the same", async () => {
  await synthesize({ config, state });
  await rewrite("task.ts", (text) => text);
  expect((await synthesize({ config, state })).cached).toBe(true);
});

it("says what is wrong with a config as the config's own error, without a stack trace", async () => {
  await rewrite("grid.config.json", (text) => text.replace('"pool": "python"', '"pool": "pyton"'));
  const failure = synthesize({ config, state });
  await expect(failure).rejects.toThrow(SynthError);
  await expect(failure).rejects.toThrow(
    /^.*grid\.config\.json is not a valid grid config:\n {2}applications\.words\.pool: there is no pool "pyton".*$/,
  );
});

it("says which application's module is not there", async () => {
  await rm(join(folder, "task.ts"));
  await expect(synthesize({ config, state })).rejects.toThrow(
    `applications.sums.task.handler: there is no file ${join(folder, "task.ts")}`,
  );
});

it("leaves nothing behind of a synthesis that failed", async () => {
  await rm(join(folder, "task.ts"));
  await expect(synthesize({ config, state })).rejects.toThrow(SynthError);
  const [cache] = (await readdir(join(state, "synth"))).filter((name) => name !== "compile-cache");
  expect(await readdir(join(state, "synth", cache!))).toEqual([]);
});
