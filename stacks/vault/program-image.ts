import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DockerImageAsset, Platform } from "aws-cdk-lib/aws-ecr-assets";
import { Construct } from "constructs";
import { esbuild } from "../bundle/esbuild.ts";
import { PROJECT } from "../bundle/project.ts";

/** A folder to build the image of the programs around Vault from. It may go once the assembly is written. */
export interface ProgramFolder extends AsyncDisposable {
  readonly path: string;
}

/** Bundles the programs into one file, beside their Dockerfile: the same bytes for the same sources. */
export async function bundlePrograms(sources = join(PROJECT, "containers/vault")): Promise<ProgramFolder> {
  const path = await mkdtemp(join(tmpdir(), "burstgrid-vault-"));
  const dispose = () => rm(path, { recursive: true, force: true });
  try {
    await esbuild({ entryPoints: [{ in: join(sources, "main.ts"), out: "vault" }], outdir: path });
    await cp(join(sources, "Dockerfile"), join(path, "Dockerfile"));
    return { path, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The image of the programs around Vault. */
export class ProgramImage extends Construct {
  readonly uri: string;
  /** Of what it is built from. */
  readonly hash: string;

  constructor(scope: Construct, id: string, { folder }: { readonly folder: string }) {
    super(scope, id);
    const asset = new DockerImageAsset(this, "Image", { directory: folder, platform: Platform.LINUX_AMD64 });
    this.uri = asset.imageUri;
    this.hash = asset.assetHash;
  }
}
