import { Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Grid } from "#grid/config.ts";
import { type GridAlarms, MINUTE } from "./grid-alarms.ts";

const BYTES_PER_GIBIBYTE = 2 ** 30;

/** Alarm on the room that is left on the shared file system. FSx reports it for each of its targets; the sum is the whole. */
export function addFileSystemAlarm(alarms: GridAlarms, { watch, fileSystem }: Grid, fileSystemId: string): void {
  const percent = watch.alarms.fileSystemFreePercent;
  alarms.add({
    article: "file-system-full",
    says: `Less than ${percent} % of the shared file system is free.`,
    metric: new Metric({
      namespace: "AWS/FSx",
      metricName: "FreeDataStorageCapacity",
      dimensionsMap: { FileSystemId: fileSystemId },
      statistic: Stats.SUM,
      // A value a minute: longer periods would add the same bytes several times.
      period: MINUTE,
    }),
    threshold: (percent / 100) * fileSystem.gibibytes * BYTES_PER_GIBIBYTE,
    below: true,
    periods: 5,
  });
}
