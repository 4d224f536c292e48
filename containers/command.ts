import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { TextTail } from "./text-tail.ts";

/** Of stderr, for the cause of a failure. */
const TAIL_BYTES = 4096;

/** How a command ended; `problem` is missing when it exited with 0. */
export interface CommandEnd {
  /** Such as `exited with code 3` or `was ended by SIGSEGV`. */
  readonly problem?: string;
  /** The last 4 KB of its stderr. */
  readonly stderr: string;
}

export interface Command {
  /** Of the leader of its process group; none when it could not be started. */
  readonly pid: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Settles when the process and its pipes are gone. */
  readonly ended: Promise<CommandEnd>;
  /** SIGKILL to the whole process group. */
  kill(): void;
}

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Is given what the command writes on stderr. */
  onStderr(piece: Buffer): void;
}

/**
 * Starts a user's command in a process group of its own, in this process's working folder. What it leaves behind when it ends, ends
 * with it. A command need not read its stdin.
 */
export function startCommand([program = "", ...args]: readonly string[], { env, onStderr }: CommandOptions): Command {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(program, args, {
    env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const kill = () => killGroup(child.pid);
  const stderr = new TextTail(TAIL_BYTES);
  child.stdin.on("error", ignoreClosedPipe);
  child.stderr.on("data", (piece: Buffer) => {
    stderr.push(piece);
    onStderr(piece);
  });
  const ended = new Promise<CommandEnd>((resolve) => {
    let failed: Error | undefined;
    child.once("error", (error) => {
      failed = error;
      if (child.pid === undefined) resolve({ problem: `did not start: ${error.message}`, stderr: "" });
    });
    child.once("exit", kill);
    child.once("close", (code, signal) => {
      const problem =
        signal !== null ? `was ended by ${signal}` : code === 0 ? failed?.message : `exited with code ${code}`;
      resolve({ ...(problem !== undefined && { problem }), stderr: stderr.toString() });
    });
  });
  return { pid: child.pid, stdin: child.stdin, stdout: child.stdout, ended, kill };
}

/** SIGKILL to a process group, if there still is one. */
export function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** A command may end, or close its stdin, before it has read all of it. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "ECONNRESET" && error.code !== "ERR_STREAM_DESTROYED") throw error;
}
