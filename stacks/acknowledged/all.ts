import type { App } from "aws-cdk-lib";
import type { Grid } from "#grid/config.ts";
import { clusterFindings } from "./cluster.ts";
import { acknowledge } from "./finding.ts";
import { foundationFindings } from "./foundation.ts";
import { gridFindings } from "./grid.ts";
import { intakeFindings } from "./intake.ts";
import { poolsFindings } from "./pools.ts";

/** Acknowledges what cdk-nag (AwsSolutions) finds in a grid's stacks and what stays so for a reason. */
export function acknowledgeFindings(app: App, { name, pools, cluster, intake }: Grid): void {
  acknowledge(app, [
    ...foundationFindings,
    ...clusterFindings,
    ...gridFindings(name, cluster.endpoint === "private"),
    ...intakeFindings(intake),
    ...poolsFindings(name, Object.keys(pools)),
  ]);
}
