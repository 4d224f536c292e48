import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

interface Manifest {
  readonly artifacts: Readonly<
    Record<string, { readonly type: string; readonly properties: { readonly file?: string } }>
  >;
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
}

/**
 * Removes from an assembly the files that only other stacks than `stacks` (ids in the app) bring: kubectl's layer alone takes more
 * room than all that is deployed here.
 */
export async function removeAssetsOfOthers(assembly: string, stacks: readonly string[]): Promise<void> {
  const read = async (file: string) => JSON.parse(await readFile(join(assembly, file), "utf8"));
  const { artifacts } = (await read("manifest.json")) as Manifest;
  const kept = new Set<string>();
  const others = new Set<string>();
  for (const [id, { type, properties }] of Object.entries(artifacts)) {
    if (type !== "cdk:asset-manifest") continue;
    const { files = {} } = (await read(properties.file!)) as AssetManifest;
    const isKept = stacks.some((stack) => id === `${stack}.assets`);
    for (const { source } of Object.values(files)) (isKept ? kept : others).add(source.path);
  }
  const removed = [...others].filter((path) => !kept.has(path) && path.startsWith("asset."));
  await Promise.all(removed.map((path) => rm(join(assembly, path), { recursive: true })));
}
