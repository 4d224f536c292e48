import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { PROJECT } from "./settings.ts";

/** Runs a program in the project's folder to its end, its stderr shown. Its stdout. @throws Error when it fails. */
export async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { cwd: PROJECT, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((done, fail) => child.on("close", done).on("error", fail));
  const stdout = await text(child.stdout);
  const code = await ended;
  if (code !== 0) throw new Error(`${[program, ...args].join(" ")} ended with code ${code}`);
  return stdout;
}
