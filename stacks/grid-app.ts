import { type App, Tags } from "aws-cdk-lib";
import { ownVault } from "#grid/config/vault.ts";
import type { Grid } from "#grid/config.ts";
import { acknowledgeFindings } from "./acknowledged/all.ts";
import type { Bundles } from "./bundle/bundle-grid.ts";
import { ClusterStack } from "./cluster-stack.ts";
import { FilesStack } from "./files-stack.ts";
import { FoundationStack } from "./foundation-stack.ts";
import { GridStack } from "./grid-stack.ts";
import { IntakeStack } from "./intake-stack.ts";
import { PoolsStack } from "./pools-stack.ts";
import { VaultStack } from "./vault-stack.ts";
import { WatchStack } from "./watch-stack.ts";

export interface GridAppProps {
  readonly grid: Grid;
  readonly bundles: Bundles;
}

/** Every stack of a grid, each after those it takes from. */
export function addStacks(app: App, { grid, bundles }: GridAppProps) {
  const foundation = new FoundationStack(app, "Foundation", { grid });
  const { vpc, keys, accessLogs } = foundation;
  const cluster = new ClusterStack(app, "Cluster", { grid, vpc, keys });
  const gridStack = new GridStack(app, "Grid", { grid, bundles, keys, accessLogs, cluster: cluster.cluster, vpc });
  const files = new FilesStack(app, "Files", { grid, vpc, key: keys.data, store: gridStack.store });
  const ownVaultSettings = ownVault(grid.vault);
  const vault =
    ownVaultSettings &&
    new VaultStack(app, "Vault", {
      grid,
      vault: ownVaultSettings,
      cluster: cluster.eks,
      keys,
      accessLogs,
      programs: bundles.vaultPrograms(),
    });
  const pools = new PoolsStack(app, "Pools", {
    grid,
    gridStack,
    cluster: cluster.cluster,
    fileSystem: files.fileSystem,
    subnets: foundation.computeSubnets,
    volumesKey: keys.cluster.keyArn,
  });
  const intake =
    grid.intake &&
    new IntakeStack(app, "Intake", {
      grid,
      intake: grid.intake,
      vpc,
      logsKey: keys.logs,
      accessLogs,
      handler: gridStack.intake.function,
    });

  const optional = [vault, intake].filter((stack) => stack !== undefined);
  const watch = new WatchStack(app, "Watch", {
    grid,
    gridStack,
    others: [cluster, ...optional],
    key: keys.logs,
    accessLogs,
    fileSystemId: files.fileSystem.id,
  });

  const stacks = {
    foundation,
    cluster,
    grid: gridStack,
    files,
    pools,
    watch,
    ...(vault && { vault }),
    ...(intake && { intake }),
  };
  for (const stack of Object.values(stacks)) stack.terminationProtection = true;
  Tags.of(app).add("burstgrid:grid", grid.name);
  for (const [key, value] of Object.entries(grid.tags)) Tags.of(app).add(key, value);
  acknowledgeFindings(app, grid);
  return stacks;
}
