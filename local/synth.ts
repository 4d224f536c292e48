import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PROJECT } from "#stacks/bundle/project.ts";
import { SYNTH_INPUTS_FILE, type SynthInputs } from "#stacks/synth-inputs.ts";
import { DEPLOYED_STACKS } from "./platform.ts";
import { removeAssetsOfOthers } from "./synth-assets.ts";
import { entriesOf, isFresh, removeOldAssemblies, UNFINISHED, writeEntry } from "./synth-cache.ts";

export interface Synthesized {
  /** Folder of the cloud assembly, to be read by `readAssembly`; it has the assets of the stacks that a local grid deploys. */
  readonly assembly: string;
  /** True: nothing had changed since an earlier run. */
  readonly cached: boolean;
}

/** A config or a module that cannot be synthesized; the message is what the CDK app said. */
export class SynthError extends Error {
  override readonly name = "SynthError";
}

/**
 * Runs the CDK app for a config file, in a process of its own, unless an assembly of the very same sources is in the state folder.
 * Throws a SynthError with the app's own message.
 */
export async function synthesize(options: { readonly config: string; readonly state: string }): Promise<Synthesized> {
  const config = resolve(options.config);
  const folder = join(resolve(options.state), "synth", nameOf(config));
  for (const entry of await entriesOf(folder)) {
    if (await isFresh(entry, PROJECT)) return { assembly: entry.assembly, cached: true };
  }

  const startedAt = Date.now();
  const assembly = join(folder, `${startedAt}-${process.pid}`);
  const unfinished = assembly + UNFINISHED;
  await mkdir(unfinished, { recursive: true });
  await runApp(config, unfinished);
  const inputs = JSON.parse(await readFile(join(unfinished, SYNTH_INPUTS_FILE), "utf8")) as SynthInputs;
  await removeAssetsOfOthers(unfinished, DEPLOYED_STACKS);
  await rename(unfinished, assembly);
  await writeEntry(assembly, { inputs, project: PROJECT, startedAt });
  await removeOldAssemblies(folder);
  return { assembly, cached: false };
}

/** A short folder name for a config file's path. */
const nameOf = (config: string) => createHash("sha256").update(config).digest("hex").slice(0, 12);

async function runApp(config: string, outdir: string): Promise<void> {
  const { context } = JSON.parse(await readFile(join(PROJECT, "cdk.json"), "utf8")) as { readonly context: object };
  const child = spawn(process.execPath, [join(PROJECT, "stacks/app.ts")], {
    cwd: PROJECT,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      BURSTGRID_CONFIG: config,
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify(context),
      // CDK's validation of templates takes longer than all the rest; tests and `cdk synth` do it.
      CDK_VALIDATION: "false",
      // Its error output is the message of a SynthError.
      NODE_NO_WARNINGS: "1",
      NODE_COMPILE_CACHE: join(outdir, "../../compile-cache"),
    },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((ended, failed) => child.on("error", failed).on("close", ended));
  if (code === 0) return;
  await rm(outdir, { recursive: true, force: true });
  throw new SynthError(stderr.trim() || `the CDK app ended with code ${code} and said nothing`);
}
