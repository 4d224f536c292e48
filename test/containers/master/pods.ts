import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { decodeGrid, type GridConfig } from "#grid/config.ts";
import { definitionOf, modulePath, type Role } from "#grid/definition.ts";
import { DEFINITION_FILE, ENV } from "#grid/names.ts";
import { esbuild } from "#stacks/bundle/esbuild.ts";
import { PROJECT } from "#stacks/bundle/project.ts";
import { BUCKET, LEDGER, type SmallCloud } from "./small-cloud.ts";

type Application = GridConfig["applications"][string];
/** Modules by role: source text of what would be their bundle. */
type Modules = Partial<Record<Role, string>>;

export interface PodRun {
  readonly exitCode: number;
  /** 128 + signal for a pod that a signal ended. */
  readonly stdout: string;
  readonly stderr: string;
  /** Largest resident set, in megabytes; only where it was measured. */
  readonly peakMb: number;
}

export interface PodOptions {
  readonly jobId: string;
  readonly phase: "split" | "index" | "merge";
  readonly uid?: string;
  readonly token?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Is given the process once it runs. */
  onStart?(child: ChildProcess): void;
}

/** An image's /app with the real bundle of the master, and pods that run it as processes of this machine. */
export class Image implements AsyncDisposable {
  readonly folder: string;
  readonly #applications: Record<string, Application> = {};

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async build(): Promise<Image> {
    const folder = await mkdtemp(join(tmpdir(), "burstgrid-image-"));
    await mkdir(join(folder, "files"));
    await esbuild({ entryPoints: [{ in: join(PROJECT, "containers/master/main.ts"), out: "master" }], outdir: folder });
    await writeFile(join(folder, "peak.mjs"), PEAK);
    return new Image(folder);
  }

  /** Adds an application; what its task is does not matter to a master. */
  async add(name: string, modules: Modules, rest: Partial<Application> = {}): Promise<void> {
    for (const [role, source] of Object.entries(modules)) {
      const file = join(this.folder, modulePath(name, role as Role));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, source);
    }
    const programs = Object.fromEntries(Object.keys(modules).map((role) => [role, `./${role}.ts`]));
    this.#applications[name] = { ...programs, task: { handler: "./task.ts" }, ...rest };
    const grid = decodeGrid({ applications: this.#applications }, "test");
    await writeFile(join(this.folder, DEFINITION_FILE), JSON.stringify(definitionOf(grid)));
  }

  file(path: string, text: string): Promise<void> {
    return writeFile(join(this.folder, "files", path), text);
  }

  async run(cloud: SmallCloud, options: PodOptions): Promise<PodRun> {
    const { jobId, phase, uid = "pod-1", token = `token-${jobId}` } = options;
    const peakFile = join(this.folder, `peak-${jobId}-${uid}`);
    const child = spawn(
      process.execPath,
      ["--import", join(this.folder, "peak.mjs"), join(this.folder, "master.mjs")],
      {
        cwd: join(this.folder, "files"),
        env: {
          PATH: process.env["PATH"],
          AWS_ENDPOINT_URL: cloud.endpoint,
          AWS_REGION: "us-east-1",
          AWS_ACCESS_KEY_ID: "test",
          AWS_SECRET_ACCESS_KEY: "test",
          PEAK_FILE: peakFile,
          [ENV.grid]: "grid",
          [ENV.ledger]: LEDGER,
          [ENV.bucket]: BUCKET,
          [ENV.jobId]: jobId,
          [ENV.phase]: phase,
          [ENV.taskToken]: token,
          [ENV.podUid]: uid,
          [ENV.sharedFolder]: join(this.folder, "shared"),
          ...options.env,
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    options.onStart?.(child);
    const [stdout, stderr, exitCode] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1))),
    ]);
    const peakMb = Number(await readFile(peakFile, "utf8").catch(() => "NaN"));
    return { exitCode, stdout, stderr, peakMb };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

/** Runs inside the pod: writes the largest resident set (kilobytes, on Linux and macOS alike) when it ends. */
const PEAK = `
import { writeFileSync } from "node:fs";
process.on("exit", () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS / 1024)));
`;

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
