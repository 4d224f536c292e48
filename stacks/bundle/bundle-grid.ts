import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ownVault } from "#grid/config/vault.ts";
import { definitionOf } from "#grid/definition.ts";
import type { LoadedGrid } from "#grid/load-config.ts";
import { DEFINITION_FILE } from "#grid/names.ts";
import type { ImageFolder } from "../pool-image.ts";
import { withPrivateLaunch } from "../private-launch.ts";
import { bundlePrograms } from "../vault/program-image.ts";
import { BundleError } from "./bundle-error.ts";
import { bundleContainers } from "./containers.ts";
import { bundleHandlers, HANDLERS, type HandlerName } from "./handlers.ts";
import { PROJECT } from "./project.ts";
import { copyFiles, filesOf } from "./user-files.ts";

/** Where the sources of what is bundled lie. */
export interface Sources {
  /** Folder of `accept.ts`, `dispatch.ts` … */
  readonly handlers: string;
  /** Folder of `master/` and `worker/`. */
  readonly containers: string;
}

/** Folders of Lambda code and of images. They may go once the assembly is written: CDK has copied them by then. */
export interface Bundles extends AsyncDisposable {
  handler(name: HandlerName): string;
  image(pool: string): ImageFolder;
  /** Folder of the image of the programs around a Vault of the grid's own. Throws an Error for a grid that has none. */
  vaultPrograms(): string;
  /** File with the state machine, as it is launched in this grid's cluster. */
  readonly stateMachine: string;
  /** Absolute paths of all files that went in. */
  readonly inputs: readonly string[];
}

const OWN_SOURCES: Sources = { handlers: join(PROJECT, "handlers"), containers: join(PROJECT, "containers") };

const STATE_MACHINE = join(PROJECT, "state-machines", "grid-job.asl.json");

/** Bundles a grid's Lambdas and images into a temporary folder: the same bytes for the same sources. Throws a BundleError. */
export async function bundleGrid(loaded: LoadedGrid, sources = OWN_SOURCES): Promise<Bundles> {
  const out = await mkdtemp(join(tmpdir(), "burstgrid-bundles-"));
  const dispose = () => rm(out, { recursive: true, force: true });
  try {
    const builds = [
      bundleHandlers(sources.handlers, join(out, "handlers")),
      bundleContainers(sources.containers, loaded, join(out, "containers")),
    ] as const;
    // When one fails the other goes on: the folder may go only when neither writes to it.
    await Promise.allSettled(builds);
    const [handlers, containers] = await Promise.all(builds);
    const definition = `${JSON.stringify(definitionOf(loaded.grid), undefined, 2)}\n`;
    for (const name of HANDLERS) await writeFile(join(out, "handlers", name, DEFINITION_FILE), definition);
    const images = new Map<string, ImageFolder>();
    const files: string[] = [];
    for (const pool of Object.keys(loaded.grid.pools)) {
      const image = join(out, "images", pool);
      files.push(...(await fillImage(image, { pool, loaded, sources, definition, bundles: join(out, "containers") })));
      images.set(pool, { path: image, buildArgs: buildArgsOf(loaded, pool) });
    }
    const programs = ownVault(loaded.grid.vault) && (await bundlePrograms());
    const stateMachine = join(out, "grid-job.asl.json");
    const asl = await readFile(STATE_MACHINE, "utf8");
    await writeFile(stateMachine, loaded.grid.cluster.endpoint === "private" ? withPrivateLaunch(asl) : asl);
    return {
      stateMachine,
      handler: (name) => join(out, "handlers", name),
      image: (pool) => images.get(pool)!,
      vaultPrograms: () => {
        if (programs !== undefined) return programs.path;
        throw new Error(`the grid "${loaded.grid.name}" has no Vault of its own: its programs were not bundled`);
      },
      inputs: [...new Set([...handlers, ...containers, ...files])].sort(),
      [Symbol.asyncDispose]: async () => {
        await Promise.all([dispose(), programs?.[Symbol.asyncDispose]()]);
      },
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface ImageParts {
  readonly pool: string;
  readonly loaded: LoadedGrid;
  readonly sources: Sources;
  readonly definition: string;
  readonly bundles: string;
}

/** `Dockerfile` and `app/`: programs, definition, and the modules and files of the pool's applications. Returns what it read. */
async function fillImage(image: string, { pool, loaded, sources, definition, bundles }: ImageParts): Promise<string[]> {
  const app = join(image, "app");
  const read: string[] = [];
  await mkdir(join(app, "files"), { recursive: true });
  for (const program of ["master.mjs", "worker.mjs", "task-thread.mjs"])
    await cp(join(bundles, program), join(app, program));
  await writeFile(join(app, DEFINITION_FILE), definition);
  for (const [name, application] of Object.entries(loaded.grid.applications)) {
    if (application.pool !== pool) continue;
    const modules = join("applications", name);
    await cp(join(bundles, modules), join(app, modules), { recursive: true }).catch(ignoreAbsent);
    const files = await filesOf(loaded, name);
    await copyFiles(loaded.folder, files, join(app, "files"));
    read.push(...files.map((path) => resolve(loaded.folder, path)));
  }
  const dockerfile = dockerfileOf(loaded, pool) ?? join(sources.containers, "worker/Dockerfile");
  const text = await readFile(dockerfile, "utf8").catch((cause: Error) => {
    throw new BundleError([`pools.${pool}.image.dockerfile: ${cause.message}`]);
  });
  await writeFile(join(image, "Dockerfile"), text);
  return [...read, dockerfile];
}

/** An application of commands only has no modules. */
function ignoreAbsent(cause: NodeJS.ErrnoException): void {
  if (cause.code !== "ENOENT") throw cause;
}

function dockerfileOf({ grid, folder }: LoadedGrid, pool: string): string | undefined {
  const image = grid.pools[pool]!.image;
  return image !== undefined && "dockerfile" in image ? resolve(folder, image.dockerfile) : undefined;
}

function buildArgsOf({ grid }: LoadedGrid, pool: string): Record<string, string> {
  const image = grid.pools[pool]!.image;
  return image !== undefined && "base" in image ? { BASE: image.base } : {};
}
