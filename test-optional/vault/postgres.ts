import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { freePorts, run, stop } from "./processes.ts";

const SERVER = "postgres";
/** PostgreSQL refuses to run as root: then as `nobody`. */
const USER = process.getuid?.() === 0 ? 65_534 : undefined;

export interface Postgres extends AsyncDisposable {
  readonly port: number;
  /** Runs SQL as a user: what it prints, or what is wrong. */
  query(user: string, password: string, sql: string): Promise<string>;
}

export const ADMIN = { user: "admin", password: "only-for-this-test" } as const;

/** A new PostgreSQL server with one superuser, on 127.0.0.1. */
export async function startPostgres(): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), "burstgrid-postgres-"));
  if (USER !== undefined) await chown(folder, USER, USER);
  const data = join(folder, "data");
  const children: ChildProcess[] = [];
  const [port = 0] = await freePorts(1);
  const init = await run("initdb", ["-D", data, "-U", ADMIN.user, "--auth=trust", "-N"], { uid: USER });
  if (init.code !== 0) throw new Error(`initdb: expected exit code 0, came ${init.code}`);
  children.push(
    spawn(SERVER, ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", folder], {
      stdio: "ignore",
      cwd: "/",
      ...(USER !== undefined && { uid: USER }),
    }),
  );
  const query = async (user: string, password: string, sql: string) => {
    const { code, stdout } = await run(
      "psql",
      ["-h", "127.0.0.1", "-p", String(port), "-d", "postgres", "-U", user, "-Atc", sql],
      {
        env: { PGPASSWORD: password },
      },
    );
    if (code !== 0) throw new Error(`psql as ${user}: expected exit code 0, came ${code}`);
    return stdout.trim();
  };
  await vi.waitFor(() => query(ADMIN.user, "", "SELECT 1"), { timeout: 20_000, interval: 300 });
  return {
    port,
    query,
    [Symbol.asyncDispose]: async () => {
      await stop(children);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
