import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { CONFIG } from "./config.ts";
import { eventually } from "./eventually.ts";
import { processesNaming } from "./processes.ts";

const BURSTGRID = resolve(import.meta.dirname, "../../bin/burstgrid.mjs");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export async function burstgrid(...args: readonly string[]): Promise<Ended> {
  const { child, output } = start(args);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...output };
}

/** A `burstgrid up` that is ready. */
export interface UpProcess {
  readonly pid: number;
  /** As its ready line says. */
  readonly endpoint: string;
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended>;
  /** Runs a command against this grid. */
  run(...args: readonly string[]): Promise<Ended>;
}

/** `burstgrid up` on a state folder and a free port. Rejects with what it said if it ends before it is ready. */
export async function up(state: string, ...options: readonly string[]): Promise<UpProcess> {
  const { child, output } = start([
    "up",
    "--port",
    "0",
    "--config",
    CONFIG,
    "--state",
    state,
    "--workers",
    "2",
    ...options,
  ]);
  const closed = once(child, "close") as Promise<[number | null]>;
  const endpoint = await Promise.race([readyLine(child), closed]);
  if (typeof endpoint !== "string") throw new Error(`burstgrid up ended with code ${endpoint[0]}: ${output.stderr}`);
  return {
    pid: child.pid!,
    endpoint,
    output,
    async end(signal) {
      child.kill(signal);
      const [code] = await closed;
      return { code, ...output };
    },
    run: (command = "", ...args) => burstgrid(command, ...args, "--endpoint", endpoint),
  };
}

/** Waits until no process of a grid is left: neither itself nor its pods. */
export const nothingLeftOf = (state: string): Promise<void> =>
  eventually(async () => {
    const left = await processesNaming(state);
    if (left.length > 0) throw new Error(`still there: ${left.map(({ command }) => command).join("; ")}`);
  });

function start(args: readonly string[]) {
  const { AWS_ENDPOINT_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [BURSTGRID, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  return { child, output };
}

async function readyLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const [, endpoint] = /^burstgrid ready (http:\/\/127\.0\.0\.1:\d+)$/.exec(line) ?? [];
    if (endpoint !== undefined) return endpoint;
  }
  return new Promise(() => {});
}
