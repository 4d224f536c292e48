import type { LocalGridOptions } from "#local/grid.ts";
import { DEFAULT_STATE } from "./defaults.ts";
import { interruptedLine, jobsOf } from "./interrupted.ts";
import { openLocalGrid } from "./local-grid.ts";
import { openLedger } from "./services.ts";
import { stopRequest } from "./stop-request.ts";
import { reachLocal } from "./target.ts";

export async function up(options: Omit<LocalGridOptions, "warn">): Promise<void> {
  const stop = stopRequest();
  const say = (message: string) => void process.stderr.write(`burstgrid: ${message}\n`);
  say(`starting the grid of ${options.config}, records in ${options.state}`);
  const grid = await openLocalGrid({ ...options, warn: say });
  try {
    if (grid.interrupted.length > 0) {
      reachLocal(grid.endpoint, grid.names);
      say(interruptedLine(await jobsOf(await openLedger(), grid.interrupted), options.resume ?? false));
    }
    say(
      options.state === DEFAULT_STATE
        ? "other commands in this folder speak to it; Ctrl-C stops it"
        : `other commands speak to it with --endpoint ${grid.endpoint}; Ctrl-C stops it`,
    );
    if (!stop.requested()) process.stdout.write(`burstgrid ready ${grid.endpoint}\n`);
    say(`stopping (${await stop.reason})`);
  } finally {
    await grid.stop();
  }
}
