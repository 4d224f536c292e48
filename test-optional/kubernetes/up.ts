import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { run } from "./program.ts";
import { GRID_CONFIG, kubeconfig, listenAddress, PROJECT } from "./settings.ts";

const BURSTGRID = "bin/burstgrid.mjs";

/** A `burstgrid up` whose pods run in the cluster. */
export interface Up {
  readonly endpoint: string;
  readonly stderr: () => string;
  /** Runs a command against this grid. Its stdout. */
  burstgrid(...args: readonly string[]): Promise<string>;
  /** Stops it and waits for the end. Its exit code. */
  stop(): Promise<number | null>;
}

export async function up(state: string): Promise<Up> {
  const args = ["up", "--port", "0", "--config", GRID_CONFIG, "--state", state, "--workers", "2"];
  const child = spawn(
    process.execPath,
    [BURSTGRID, ...args, "--kubeconfig", kubeconfig(), "--listen", listenAddress()],
    { cwd: PROJECT, stdio: ["ignore", "pipe", "pipe"] },
  );
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const closed = once(child, "close") as Promise<[number | null]>;
  const endpoint = await Promise.race([readyLine(child), closed]);
  if (typeof endpoint !== "string") throw new Error(`burstgrid up ended before it was ready: ${stderr}`);
  return {
    endpoint,
    stderr: () => stderr,
    burstgrid: (command, ...rest) => run(process.execPath, [BURSTGRID, command!, ...rest, "--endpoint", endpoint]),
    stop: async () => {
      child.kill("SIGTERM");
      return (await closed)[0];
    },
  };
}

async function readyLine(child: ChildProcess): Promise<string | undefined> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const [, url] = /^burstgrid ready (\S+)$/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  return undefined;
}
