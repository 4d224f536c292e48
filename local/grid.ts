import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { KubernetesServer } from "#grid/kubernetes-server.ts";
import { loadGrid } from "#grid/load-config.ts";
import { bucketName, ledgerName } from "#grid/names.ts";
import { openCloud } from "./cloud.ts";
import { deploy, readAssembly } from "./deploy/index.ts";
import { startGateway } from "./gateway.ts";
import { imageContents } from "./image-contents.ts";
import { intakeEndpoint } from "./intake.ts";
import { ACCOUNT, REGION } from "./names.ts";
import { DEPLOYED_STACKS, platformStandIns } from "./platform.ts";
import { synthesize } from "./synth.ts";

export interface LocalGridOptions {
  /** Path of the grid config. */
  readonly config: string;
  /** Port on 127.0.0.1; 0 is any free one. */
  readonly port: number;
  /** Folder of everything that survives a restart. */
  readonly state: string;
  /** Workers of each pool at most, in place of the machine's cores. */
  readonly workers?: number | undefined;
  /** A real cluster that runs masters and workers, in place of processes of this machine. */
  readonly cluster?: { readonly server: KubernetesServer; readonly podAddress: string } | undefined;
  /** Redrive the executions that ran when a grid of this folder ended. */
  readonly resume?: boolean | undefined;
  /** Told of what a user should see: warnings, pods that failed. */
  warn(message: string): void;
}

export interface LocalGrid {
  /** `http://127.0.0.1:PORT`: every AWS service of the grid. */
  readonly endpoint: string;
  readonly names: { readonly grid: string; readonly bus: string; readonly ledger: string; readonly bucket: string };
  /**
   * ARNs of the executions that ran when the last grid of this folder ended. With `resume`: those, and what grids before it left
   * so; all are redriven.
   */
  readonly interrupted: readonly string[];
  /** Requests since the start, by service and action. */
  calls(): Record<string, Record<string, number>>;
  /** Ends every process and timer of the grid, and waits for it. */
  stop(): Promise<void>;
}

/** Where the intake answers. */
const API = "/api";

/**
 * The whole grid in this process: synthesizes the CDK app, serves AWS's protocols on one port, and deploys the templates to it.
 * Throws a ConfigError, an error that names the port in use, or one that names what the local cloud does not do.
 */
export async function startLocalGrid(options: LocalGridOptions): Promise<LocalGrid> {
  const state = resolve(options.state);
  await mkdir(state, { recursive: true });
  await using opened = new AsyncDisposableStack();
  const listening = await startGateway({ port: options.port, podAddress: options.cluster?.podAddress });
  const gateway = opened.adopt(listening, (gateway) => gateway.close());

  const { grid, folder } = await loadGrid(options.config);
  const { assembly: assemblyFolder } = await synthesize({ config: options.config, state });
  const assembly = await readAssembly(assemblyFolder);
  const contents = imageContents({ assembly, folder: join(state, "images"), files: folder });
  const { services, stateMachines, functions, clusterEndpoint, clusterCertificateAuthority } = await openCloud(
    { gateway, state, contents, workers: options.workers, cluster: options.cluster?.server, warn: options.warn },
    opened,
  );

  await deploy({
    assembly,
    stacks: DEPLOYED_STACKS,
    standIns: platformStandIns({ clusterEndpoint, clusterCertificateAuthority }),
    // The intake is reached on loopback only, so nobody has to say who he is.
    parameters: { Grid: { IntakeIssuer: "none" } },
    services,
  });
  const invoke = (payload: string) => functions.invoke(`${grid.name}-intake`, payload);
  gateway.mount(API, intakeEndpoint({ prefix: API, invoke }));

  const resume = options.resume === true;
  const interrupted = (resume ? stateMachines.resumable : stateMachines.interrupted).map((ended) => ended.executionArn);
  if (resume) for (const executionArn of interrupted) await stateMachines.redrive(executionArn);
  else stateMachines.announceInterrupted();

  const running = opened.move();
  return {
    endpoint: gateway.origin,
    names: {
      grid: grid.name,
      bus: grid.name,
      ledger: ledgerName(grid.name),
      bucket: bucketName(grid.name, ACCOUNT, REGION),
    },
    interrupted,
    calls: () => gateway.calls(),
    stop: () => running.disposeAsync(),
  };
}
