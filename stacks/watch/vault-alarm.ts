import { Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern, LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { METRIC_NAMESPACE } from "#grid/metrics.ts";
import { auditLogName } from "../vault/audit-log.ts";
import { SEAL_LINE } from "../vault/seal-sidecar.ts";
import { FIVE_MINUTES, type GridAlarms } from "./grid-alarms.ts";

interface VaultAlarmProps {
  readonly grid: string;
  readonly alarms: GridAlarms;
}

/** Alarm on servers of the grid's own Vault that are sealed, do not answer, or say nothing at all. */
export class VaultAlarm extends Construct {
  constructor(scope: Construct, id: string, { grid, alarms }: VaultAlarmProps) {
    super(scope, id);
    // A filter's metric has dimensions only of fields in the log: the grid stands in its name.
    const metricName = `VaultSealed-${grid}`;
    new MetricFilter(this, "SealLines", {
      logGroup: LogGroup.fromLogGroupName(this, "AuditLog", auditLogName(grid)),
      filterPattern: FilterPattern.stringValue("$.type", "=", SEAL_LINE),
      metricNamespace: METRIC_NAMESPACE,
      metricName,
      metricValue: "$.sealed",
    });
    alarms.add({
      article: "vault-sealed",
      says: "A server of Vault is sealed or does not answer.",
      metric: new Metric({ namespace: METRIC_NAMESPACE, metricName, statistic: Stats.MAXIMUM, period: FIVE_MINUTES }),
      threshold: 0,
      periods: 2,
      missing: TreatMissingData.BREACHING,
    });
  }
}
