import { Duration } from "aws-cdk-lib";
import {
  Dashboard as CloudWatchDashboard,
  DashboardVariable,
  DefaultValue,
  VariableInputType,
  VariableType,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { gridWidgets, type WatchedGrid } from "./grid-widgets.ts";
import { JOB_PLACEHOLDER, jobWidgets } from "./job-widgets.ts";
import { poolWidgets } from "./pool-widgets.ts";

interface DashboardProps extends WatchedGrid {
  readonly pools: readonly string[];
  /** Log groups of the grid's Lambdas, masters and workers. */
  readonly logGroupNames: readonly string[];
}

/** One page for the grid, its pools, its applications and one job ($3 a month beyond an account's third dashboard). */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { grid, pools, logGroupNames } = props;
    const dashboard = new CloudWatchDashboard(this, "Dashboard", {
      dashboardName: grid,
      defaultInterval: Duration.hours(3),
      variables: [
        new DashboardVariable({
          id: "job",
          label: "Job",
          type: VariableType.PATTERN,
          value: JOB_PLACEHOLDER,
          inputType: VariableInputType.INPUT,
          defaultValue: DefaultValue.value(JOB_PLACEHOLDER),
          visible: true,
        }),
      ],
    });
    const widgets = [
      ...gridWidgets(props),
      ...pools.flatMap((pool) => poolWidgets(grid, pool)),
      ...jobWidgets(grid, logGroupNames),
    ];
    for (const widget of widgets) dashboard.addWidgets(widget);
  }
}
