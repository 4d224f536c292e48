import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { type AssemblyImage, readAssembly } from "#local/deploy/assembly.ts";
import { synthesize } from "#local/synth.ts";

const HELP = `Builds the images of a grid's pools under the names that its templates use, and prints those names.

  node bin/node24.mjs scripts/build-images.ts [--config FILE] [--state FOLDER] [--builder COMMAND] [--base IMAGE]

  --config   the grid's config (grid.config.ts)
  --state    where the templates are cached, as for \`burstgrid up\` (.burstgrid)
  --builder  what builds an image: called with --tag, --platform, --build-arg and a folder (docker build)
  --base     base of all images, in place of each pool's own: where the builder has no registry
`;

/** Arguments for the builder: those that `docker build` and `buildah build` share. */
export function builderArguments({ uri, folder, buildArgs, platform }: AssemblyImage, base?: string): string[] {
  const settings = { ...buildArgs, ...(base !== undefined && { BASE: base }) };
  return [
    ...["--tag", uri],
    ...(platform === undefined ? [] : ["--platform", platform]),
    ...Object.entries(settings).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    folder,
  ];
}

async function buildImages(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: "string", default: "grid.config.ts" },
      state: { type: "string", default: ".burstgrid" },
      builder: { type: "string", default: "docker build" },
      base: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const [program = "", ...first] = values.builder.split(" ").filter((word) => word !== "");
  const { assembly } = await synthesize(values);
  for (const image of (await readAssembly(assembly)).images) {
    await run(program, [...first, ...builderArguments(image, values.base)]);
    process.stdout.write(`${image.uri}\n`);
  }
}

/** The builder's own output goes to stderr: stdout holds the names alone. */
async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ["ignore", 2, 2] });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`${[program, ...args].join(" ")} ended with code ${code}`);
}

if (import.meta.main) {
  await buildImages().catch((error: Error) => {
    process.stderr.write(`build-images: ${error.message}\n`);
    process.exitCode = 1;
  });
}
