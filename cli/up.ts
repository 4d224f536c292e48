import { isIP } from "node:net";
import type { LocalGridOptions } from "#local/grid.ts";
import { readKubeconfig } from "#local/real-cluster/kubeconfig.ts";
import { DEFAULT_STATE } from "./defaults.ts";
import { UsageError } from "./errors.ts";
import { interruptedLine, jobsOf } from "./interrupted.ts";
import { openLocalGrid } from "./local-grid.ts";
import { openLedger } from "./services.ts";
import { stopRequest } from "./stop-request.ts";
import { reachLocal } from "./target.ts";

interface UpOptions extends Omit<LocalGridOptions, "warn" | "cluster"> {
  readonly kubeconfig?: string | undefined;
  readonly listen?: string | undefined;
}

export async function up({ kubeconfig, listen, ...options }: UpOptions): Promise<void> {
  const cluster = await clusterOf(kubeconfig, listen);
  const stop = stopRequest();
  const say = (message: string) => void process.stderr.write(`burstgrid: ${message}\n`);
  say(`starting the grid of ${options.config}, records in ${options.state}`);
  if (cluster !== undefined) {
    say(
      `pods run in ${cluster.server.endpoint}; whoever reaches ${cluster.podAddress} may do everything with this grid`,
    );
  }
  const grid = await openLocalGrid({ ...options, cluster, warn: say });
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

async function clusterOf(
  kubeconfig: string | undefined,
  listen: string | undefined,
): Promise<LocalGridOptions["cluster"]> {
  if (kubeconfig === undefined && listen === undefined) return undefined;
  if (kubeconfig === undefined)
    throw new UsageError("--listen is for the pods of a cluster: give --kubeconfig FILE too");
  if (listen === undefined || isIP(listen) === 0) {
    throw new UsageError(
      "--kubeconfig needs --listen ADDRESS: an IP address of this machine that the cluster's pods reach, such as that of its node bridge",
    );
  }
  return { server: await readKubeconfig(kubeconfig), podAddress: listen };
}
