import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { manifestOf } from "#local/real-cluster/fields.ts";
import { TestCluster } from "./cluster.ts";
import { run } from "./program.ts";
import { baseImage, builder, GRID_CONFIG, imageLoader, listenAddress } from "./settings.ts";

const CRDS = join(import.meta.dirname, "crds");

/** Gives the cluster the kinds of KEDA and Karpenter, and the grid's images. What it made is deleted in the end. */
export default async function setup(): Promise<() => Promise<void>> {
  listenAddress();
  const cluster = await TestCluster.open();
  if (await cluster.has("/api/v1/namespaces/grid")) {
    throw new Error(
      "the cluster has a namespace grid: these tests make and delete one. Delete it (and the volume grid-shared), or use another cluster",
    );
  }
  for (const name of await readdir(CRDS)) {
    if (!name.endsWith(".yaml")) continue;
    const definition = manifestOf(parse(await readFile(join(CRDS, name), "utf8")));
    if (!(await cluster.has(await cluster.objects.pathOf(definition)))) await cluster.make(definition);
  }
  await loadImages();
  return () => cluster.deleteAll();
}

async function loadImages(): Promise<void> {
  const loader = imageLoader();
  if (loader === undefined) return;
  const base = baseImage();
  const names = await run(process.execPath, [
    "scripts/build-images.ts",
    ...["--config", GRID_CONFIG, "--builder", builder()],
    ...(base === undefined ? [] : ["--base", base]),
  ]);
  const [program = "", ...first] = loader.split(" ");
  await run(program, [...first, ...names.trim().split("\n")]);
}
