/**
 * Metrics as log lines in CloudWatch's embedded metric format: CloudWatch makes metrics of them wherever they are logged, without a call.
 * Source: "Specification: Embedded metric format", CloudWatch user guide. Values are gathered for a batch or a completion, never logged by
 * the task: a line is paid by the byte and a metric by its set of dimensions.
 */

/** CloudWatch namespace of the grid's own metrics. */
export const METRIC_NAMESPACE = "Burstgrid";

/** The grid's own metrics with CloudWatch's units. Each is written in one place only, so that sums count nothing twice. */
export const METRICS = {
  /** Requests that became jobs. Written by Accept. */
  jobsAccepted: { name: "JobsAccepted", unit: "Count" },
  /** Jobs that ended, by how. Written by Conclude. */
  jobsSucceeded: { name: "JobsSucceeded", unit: "Count" },
  jobsFailed: { name: "JobsFailed", unit: "Count" },
  jobsCancelled: { name: "JobsCancelled", unit: "Count" },
  /** From a job's submission to its end. Written by Conclude. */
  jobTime: { name: "JobTime", unit: "Seconds" },
  /** Tasks that came to an outcome, each counted once. Written by Collect. */
  tasksSucceeded: { name: "TasksSucceeded", unit: "Count" },
  tasksFailed: { name: "TasksFailed", unit: "Count" },
  /** Completion messages that Collect could not take in and that come again. Written by Collect. */
  completionsFailed: { name: "CompletionsFailed", unit: "Count" },
  /** From the moment a pack was sent to the moment its tasks began. Written by workers. */
  queueWait: { name: "QueueWait", unit: "Milliseconds" },
  /** Mean time of a task, one value a pack. Written by workers. */
  runTime: { name: "RunTime", unit: "Milliseconds" },
  /** Tries at tasks, the repeated ones included. Written by workers. */
  attempts: { name: "Attempts", unit: "Count" },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly unit: Unit }>>;

export type Metric = keyof typeof METRICS;

/** Those of CloudWatch's units (MetricDatum, API reference) that the grid's metrics have. */
type Unit = "Count" | "Milliseconds" | "Seconds";

/** Whose metric it is. CloudWatch keeps a metric for each set of values: nothing that grows with jobs or tasks may stand here. */
export interface MetricDimensions {
  readonly grid: string;
  readonly application?: string;
  readonly pool?: string;
}

/** Values of some metrics, as many as there were observations. */
export type MetricValues = Partial<Readonly<Record<Metric, readonly number[]>>>;

/** Most values of one metric in a line. */
const MOST_VALUES = 100;

/**
 * The lines, without a newline, that give these values to CloudWatch; none if there are no values.
 * @param at Milliseconds since 1970; CloudWatch takes what is at most two weeks old.
 * @param properties Stand on the lines for who reads or queries the log, such as ids of jobs: not dimensions.
 */
export function metricLines(
  dimensions: MetricDimensions,
  values: MetricValues,
  at: number,
  properties: Readonly<Record<string, string>> = {},
): string[] {
  const given = Object.entries(values).filter(([, observed]) => observed.length > 0) as [Metric, readonly number[]][];
  const lines = Math.ceil(Math.max(0, ...given.map(([, observed]) => observed.length)) / MOST_VALUES);
  return Array.from({ length: lines }, (_, n) => {
    const part = given
      .map(([metric, observed]) => [metric, observed.slice(n * MOST_VALUES, (n + 1) * MOST_VALUES)] as const)
      .filter(([, observed]) => observed.length > 0);
    return metricLine(dimensions, part, at, properties);
  });
}

function metricLine(
  dimensions: MetricDimensions,
  values: readonly (readonly [Metric, readonly number[]])[],
  at: number,
  properties: Readonly<Record<string, string>>,
): string {
  return JSON.stringify({
    ...properties,
    ...dimensions,
    ...Object.fromEntries(
      values.map(([metric, observed]) => [METRICS[metric].name, observed.length === 1 ? observed[0] : observed]),
    ),
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [Object.keys(dimensions)],
          Metrics: values.map(([metric]) => ({ Name: METRICS[metric].name, Unit: METRICS[metric].unit })),
        },
      ],
    },
  });
}
