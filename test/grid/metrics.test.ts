import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { METRICS, type Metric, type MetricValues, metricLines } from "#grid/metrics.ts";

const AT = Date.parse("2026-01-01T00:00:00Z");
const parsed = (values: MetricValues) => metricLines({ grid: "g", application: "a" }, values, AT).map(read);
const read = (line: string): Line => JSON.parse(line);

interface Line extends Record<string, unknown> {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

const someValues: fc.Arbitrary<MetricValues> = fc.dictionary(
  fc.constantFrom(...(Object.keys(METRICS) as Metric[])),
  fc.array(fc.nat(), { maxLength: 350 }),
);

describe("metric lines", () => {
  it("are in the embedded metric format: namespace, dimensions and units beside the values", () => {
    expect(
      metricLines({ grid: "g", application: "a", pool: "p" }, { tasksSucceeded: [3], queueWait: [5, 7] }, AT, {
        job: "j",
      }).map(read),
    ).toEqual([
      {
        job: "j",
        grid: "g",
        application: "a",
        pool: "p",
        TasksSucceeded: 3,
        QueueWait: [5, 7],
        _aws: {
          Timestamp: AT,
          CloudWatchMetrics: [
            {
              Namespace: "Burstgrid",
              Dimensions: [["grid", "application", "pool"]],
              Metrics: [
                { Name: "TasksSucceeded", Unit: "Count" },
                { Name: "QueueWait", Unit: "Milliseconds" },
              ],
            },
          ],
        },
      },
    ]);
  });

  it("are none where there is nothing to tell", () => {
    expect(parsed({})).toEqual([]);
    expect(parsed({ queueWait: [] })).toEqual([]);
  });

  it("hold at most 100 values of a metric each, and together all of them in their order", () => {
    fc.assert(
      fc.property(someValues, (values) => {
        const lines = parsed(values);
        for (const [metric, observed] of Object.entries(values) as [Metric, number[]][]) {
          const parts = lines.flatMap((line) =>
            METRICS[metric].name in line ? [[line[METRICS[metric].name]].flat()] : [],
          );
          for (const part of parts) expect(part.length).toBeLessThanOrEqual(100);
          expect(parts.flat()).toEqual(observed);
        }
      }),
    );
  });

  it("name just the metrics that they have values of", () => {
    fc.assert(
      fc.property(someValues, (values) => {
        for (const line of parsed(values)) {
          const named = line._aws.CloudWatchMetrics[0]!.Metrics.map(({ Name }) => Name);
          const { _aws, grid, application, ...given } = line;
          expect(named.toSorted()).toEqual(Object.keys(given).toSorted());
        }
      }),
    );
  });
});
