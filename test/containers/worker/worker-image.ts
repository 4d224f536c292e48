import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type ApplicationDefinition, type GridDefinition, modulePath } from "#grid/definition.ts";
import { DEFINITION_FILE } from "#grid/names.ts";
import { esbuild } from "#stacks/bundle/esbuild.ts";

/** An application of an image: a handler module's source, or a command. */
export type TestApplication = Partial<Omit<ApplicationDefinition, "task">> &
  ({ readonly handler: string } | { readonly command: readonly string[] });

const SOURCES = resolve(import.meta.dirname, "../../../containers/worker");

/** A folder as a pool's image has it at /app, bundled from the sources. */
export class WorkerImage implements AsyncDisposable {
  readonly folder: string;
  readonly definition: GridDefinition;

  private constructor(folder: string, definition: GridDefinition) {
    this.folder = folder;
    this.definition = definition;
  }

  static async build(applications: Readonly<Record<string, TestApplication>>): Promise<WorkerImage> {
    const folder = await mkdtemp(join(tmpdir(), "burstgrid-worker-"));
    await esbuild({
      entryPoints: [
        { in: join(SOURCES, "main.ts"), out: "worker" },
        { in: join(SOURCES, "task-thread.ts"), out: "task-thread" },
      ],
      outdir: folder,
    });
    await mkdir(join(folder, "files"));
    for (const [name, application] of Object.entries(applications)) {
      if (!("handler" in application)) continue;
      const file = join(folder, modulePath(name, "task"));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, application.handler);
    }
    const definition: GridDefinition = {
      name: "grid",
      pools: { general: { min: 0, max: 10, slots: 1 } },
      applications: Object.fromEntries(
        Object.entries(applications).map(([name, given]) => [name, definitionOf(name, given)]),
      ),
    };
    await writeFile(join(folder, DEFINITION_FILE), JSON.stringify(definition));
    return new WorkerImage(folder, definition);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function definitionOf(name: string, given: TestApplication): ApplicationDefinition {
  const { handler, command, ...rest } = { handler: undefined, command: [], ...given };
  return {
    name,
    pool: "general",
    task: handler === undefined ? { kind: "command", command } : { kind: "module", module: modulePath(name, "task") },
    timeoutSeconds: 300,
    attempts: 1,
    backoff: { initialSeconds: 0, rate: 1, maxSeconds: 0 },
    deadlineSeconds: 3600,
    tolerate: { count: 0, percentage: 0 },
    failFast: false,
    pack: { targetSeconds: 1, maxTasks: 1000 },
    env: {},
    ...rest,
  };
}
