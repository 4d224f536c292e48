import type { App } from "aws-cdk-lib";
import { ownVault } from "#grid/config/vault.ts";
import type { Grid } from "#grid/config.ts";
import { clusterFindings } from "./cluster.ts";
import { acknowledge } from "./finding.ts";
import { foundationFindings } from "./foundation.ts";
import { gridFindings } from "./grid.ts";
import { intakeFindings } from "./intake.ts";
import { poolsFindings } from "./pools.ts";
import { vaultFindings } from "./vault.ts";

/** Acknowledges what cdk-nag (AwsSolutions) finds in a grid's stacks and what stays so for a reason. */
export function acknowledgeFindings(app: App, { name, pools, cluster, intake, vault }: Grid): void {
  acknowledge(app, [
    ...foundationFindings,
    ...clusterFindings,
    ...gridFindings(name, cluster.endpoint === "private"),
    ...intakeFindings(intake),
    ...(ownVault(vault) ? vaultFindings : []),
    ...poolsFindings(name, Object.keys(pools)),
  ]);
}
