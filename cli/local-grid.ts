import { type LocalGrid, type LocalGridOptions, startLocalGrid } from "#local/grid.ts";
import { answers, readEndpointFile, removeEndpointFile, writeEndpointFile } from "./endpoint-file.ts";
import { CliError } from "./errors.ts";

/** A local grid that the other commands find in its folder until it stops. */
export async function openLocalGrid(options: LocalGridOptions): Promise<LocalGrid> {
  await requireAlone(options.state);
  const grid = await startLocalGrid(options);
  await writeEndpointFile(options.state, { endpoint: grid.endpoint, pid: process.pid, names: grid.names });
  return {
    ...grid,
    async stop() {
      await removeEndpointFile(options.state, process.pid);
      await grid.stop();
    },
  };
}

/** Two grids on the same records would spoil them. */
async function requireAlone(state: string): Promise<void> {
  const running = await readEndpointFile(state);
  if (running === undefined || !(await answers(running))) return;
  throw new CliError(
    `a local grid runs in ${state} already, at ${running.endpoint} (process ${running.pid}): stop it first, or use another --state`,
  );
}
