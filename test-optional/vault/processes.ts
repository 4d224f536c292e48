import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";

/** Ports of 127.0.0.1 that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports = await Promise.all(
    servers.map((server) => new Promise<number>((done) => server.once("listening", () => done(portOf(server))))),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

const portOf = (server: ReturnType<typeof createServer>) => (server.address() as { readonly port: number }).port;

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
}

/** A program from its start to its end. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly env?: Record<string, string>; readonly uid?: number | undefined } = {},
): Promise<Run> {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...options.env },
    ...(options.uid !== undefined && { uid: options.uid, cwd: "/" }),
  });
  const code = new Promise<number | null>((done, fail) => child.on("exit", done).on("error", fail));
  const stdout = await text(child.stdout);
  return { code: await code, stdout };
}

/** Ends processes that were started here, and waits for them. */
export async function stop(children: readonly ChildProcess[]): Promise<void> {
  const ended = children.map(
    (child) => child.exitCode !== null || child.signalCode !== null || new Promise((done) => child.once("exit", done)),
  );
  for (const child of children) child.kill("SIGTERM");
  await Promise.all(ended);
}
