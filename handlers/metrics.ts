import { Clock, Effect } from "effect";
import { Definition } from "#grid/definition-file.ts";
import { type MetricDimensions, type MetricValues, metricLines } from "#grid/metrics.ts";

/** Gives values to CloudWatch as metrics of the whole grid. */
export const recordGridMetrics = Effect.fnUntraced(function* (values: MetricValues) {
  const { name } = yield* Definition;
  yield* record({ grid: name }, values, {});
});

/**
 * Gives values to CloudWatch as metrics of an application; of the grid alone where it has no such application, as a producer may name
 * any. The job stands on the line for queries of the log.
 */
export const recordApplicationMetrics = Effect.fnUntraced(function* (
  application: string,
  jobId: string,
  values: MetricValues,
) {
  const { name, applications } = yield* Definition;
  const pool = applications[application]?.pool;
  const dimensions = pool === undefined ? { grid: name } : { grid: name, application, pool };
  yield* record(dimensions, values, { job: jobId });
});

/** Past the logger, which would wrap the lines: Lambda hands JSON on the standard output to CloudWatch Logs as it is. */
const record = Effect.fnUntraced(function* (
  dimensions: MetricDimensions,
  values: MetricValues,
  properties: Readonly<Record<string, string>>,
) {
  const lines = metricLines(dimensions, values, yield* Clock.currentTimeMillis, properties);
  if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
});
