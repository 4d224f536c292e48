import { existsSync } from "node:fs";
import { bucketName, ENV, ledgerName } from "#grid/names.ts";
import { REGION } from "#local/names.ts";
import { DEFAULT_STATE } from "./defaults.ts";
import { answers, type EndpointFile, readEndpointFile } from "./endpoint-file.ts";
import { CliError } from "./errors.ts";

/** Options of every command that speaks to a grid. */
export interface TargetOptions {
  /** Base URL of all AWS services, in place of AWS's own. */
  readonly endpoint?: string;
  /** Name of the grid, in place of the config's. */
  readonly grid?: string;
  readonly config?: string;
}

export interface GridNames {
  readonly grid: string;
  readonly bus: string;
  readonly ledger: string;
  readonly bucket: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Which cloud a command speaks to. */
export type Cloud =
  | { readonly kind: "local"; readonly endpoint: string; readonly names?: GridNames }
  | { readonly kind: "endpoint"; readonly endpoint: string }
  | { readonly kind: "aws" };

/** `--endpoint`, else AWS_ENDPOINT_URL, else the local grid that runs in this folder, else AWS. */
export function chooseCloud(given: string | undefined, env: Env, running: EndpointFile | undefined): Cloud {
  const endpoint = (given ?? (env["AWS_ENDPOINT_URL"] || undefined))?.replace(/\/+$/, "");
  if (endpoint === undefined) {
    return running === undefined
      ? { kind: "aws" }
      : { kind: "local", endpoint: running.endpoint, names: running.names };
  }
  if (endpoint === running?.endpoint) return { kind: "local", endpoint, names: running.names };
  return isLoopback(endpoint) ? { kind: "local", endpoint } : { kind: "endpoint", endpoint };
}

function isLoopback(endpoint: string): boolean {
  const url = URL.parse(endpoint);
  if (url === null) throw new CliError(`endpoint "${endpoint}" is not a URL such as http://127.0.0.1:4600`);
  return ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
}

/**
 * The environment in which the SDK speaks to a cloud. A local grid takes any credentials, and is never shown the user's own; profiles
 * are left out, since they would come before these.
 */
export function environmentFor(cloud: Cloud): Env {
  if (cloud.kind === "aws") return {};
  if (cloud.kind === "endpoint") return { AWS_ENDPOINT_URL: cloud.endpoint };
  return {
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
  };
}

/** Finds the grid, says on stderr which it is, and sets this process's environment so that SDK clients and services speak to it. */
export async function reach(options: TargetOptions): Promise<GridNames> {
  const running = await runningHere(options);
  const cloud = chooseCloud(options.endpoint, process.env, running);
  setEnvironment(environmentFor(cloud));
  const known = cloud.kind === "local" ? cloud.names : undefined;
  const { names, place } =
    known === undefined ? await describe(cloud, options) : { names: known, place: placeOf(cloud) };
  if (options.grid !== undefined && options.grid !== names.grid) {
    throw new CliError(`the local grid that runs in this folder is named "${names.grid}", not "${options.grid}"`);
  }
  process.stderr.write(`burstgrid: ${place}\n`);
  setEnvironment(environmentOf(names));
  return names;
}

/** As `reach`, for the process that runs the local grid itself. */
export function reachLocal(endpoint: string, names: GridNames): void {
  setEnvironment({ ...environmentFor({ kind: "local", endpoint }), ...environmentOf(names) });
}

/** What the grid's services read. */
const environmentOf = ({ grid, bus, ledger, bucket }: GridNames): Env => ({
  [ENV.grid]: grid,
  [ENV.bus]: bus,
  [ENV.ledger]: ledger,
  [ENV.bucket]: bucket,
});

async function runningHere({ endpoint }: TargetOptions): Promise<EndpointFile | undefined> {
  const written = await readEndpointFile(DEFAULT_STATE);
  if (written === undefined || (await answers(written))) return written;
  if (endpoint === undefined && !process.env["AWS_ENDPOINT_URL"]) {
    process.stderr.write(
      `burstgrid: the local grid of this folder (process ${written.pid}) is gone; \`burstgrid up\` starts it again\n`,
    );
  }
  return undefined;
}

const placeOf = (cloud: Cloud, region = ""): string => {
  if (cloud.kind === "local") return `local grid at ${cloud.endpoint}`;
  return cloud.kind === "endpoint" ? `grid at ${cloud.endpoint}` : `AWS ${region}`;
};

/** Account and region are those of the grid's bus; with them, all its names are known. */
async function describe(cloud: Cloud, options: TargetOptions): Promise<{ names: GridNames; place: string }> {
  const { EventBridgeClient, DescribeEventBusCommand, ListEventBusesCommand } = await import(
    "@aws-sdk/client-eventbridge"
  );
  const client = new EventBridgeClient({});
  const region = await client.config.region().catch(() => {
    throw new CliError(
      "no local grid runs in this folder, and no AWS region is set: start one with `burstgrid up`, or set AWS_REGION",
    );
  });
  const place = placeOf(cloud, region);
  const failed = (cause: Error) =>
    new CliError(`${place}: could not look up the grid: ${cause.name}: ${cause.message}`, { cause });
  const busNames = async () => {
    const { EventBuses = [] } = await client.send(new ListEventBusesCommand({})).catch((cause: Error) => {
      throw failed(cause);
    });
    return EventBuses.map(({ Name }) => Name!);
  };
  const named = options.grid !== undefined || options.config !== undefined;
  const only = cloud.kind === "local" && !named ? onlyGrid(await busNames()) : undefined;
  const grid = only ?? (await gridName(options));
  const { Arn } = await client.send(new DescribeEventBusCommand({ Name: grid })).catch((cause: Error) => {
    if (cause.name === "ResourceNotFoundException") {
      throw new CliError(
        `there is no grid "${grid}" (no event bus of that name) at ${place}: deploy it, or say --grid NAME`,
      );
    }
    throw failed(cause);
  });
  const [, , , busRegion, account] = Arn!.split(":");
  return {
    names: { grid, bus: grid, ledger: ledgerName(grid), bucket: bucketName(grid, account!, busRegion!) },
    place,
  };
}

/** A local cloud that was given by its endpoint mostly has one grid, whatever the config in this folder is about. */
export function onlyGrid(busNames: readonly string[]): string | undefined {
  const [grid, ...others] = busNames.filter((name) => name !== "default");
  return others.length === 0 ? grid : undefined;
}

const DEFAULT_CONFIGS = ["grid.config.ts", "grid.config.mjs", "grid.config.js", "grid.config.json"];

/** `--grid`, else the name in `--config` or in this folder's config, else `grid`. */
async function gridName({ grid, config }: TargetOptions): Promise<string> {
  if (grid !== undefined) return grid;
  const file = config ?? DEFAULT_CONFIGS.find((name) => existsSync(name));
  if (file === undefined) return "grid";
  const { loadGrid } = await import("#grid/load-config.ts");
  return (await loadGrid(file)).grid.name;
}

function setEnvironment(env: Env): void {
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
