import { type IWidget, LogQueryVisualizationType, LogQueryWidget, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Metric } from "#grid/metrics.ts";
import { MINUTE } from "./grid-alarms.ts";
import { applicationMetrics, applicationRates } from "./metrics.ts";
import { FULL_WIDTH, graph, heading, row } from "./widgets.ts";

/** Stands in the query for the job that the reader enters above the dashboard. */
export const JOB_PLACEHOLDER = "JOB_ID";

/** Jobs by application, and what was logged about the one that the reader asks for. */
export function jobWidgets(grid: string, logGroupNames: readonly string[]): IWidget[] {
  const each = (metric: Metric, statistic: string) => [applicationMetrics(metric, grid, statistic, MINUTE)];
  return [
    heading("Jobs by application"),
    row(
      graph("Tasks that succeeded", "tasks a second", [applicationRates("tasksSucceeded", grid, MINUTE)]),
      graph("Tasks that failed", "tasks a minute", each("tasksFailed", Stats.SUM)),
      graph("Attempts at tasks", "attempts a minute", each("attempts", Stats.SUM)),
    ),
    row(
      graph("Wait of packs in the queue (p90)", "milliseconds", each("queueWait", Stats.p(90))),
      graph("Run time of tasks (p90)", "milliseconds", each("runTime", Stats.p(90))),
      graph("Time of jobs (p90)", "seconds", each("jobTime", Stats.p(90))),
    ),
    heading("One job"),
    new LogQueryWidget({
      title: "What Lambdas, masters and workers logged of the job entered above",
      logGroupNames: [...logGroupNames],
      queryLines: [
        "fields @timestamp, level, service, message, chunk, error",
        `filter job = "${JOB_PLACEHOLDER}" and ispresent(message)`,
        "sort @timestamp desc",
        "limit 200",
      ],
      view: LogQueryVisualizationType.TABLE,
      width: FULL_WIDTH,
      height: 10,
    }),
  ];
}
