import { ManagedRule, ManagedRuleIdentifiers, RuleScope } from "aws-cdk-lib/aws-config";
import { CfnDetector } from "aws-cdk-lib/aws-guardduty";
import { Construct } from "constructs";
import type { WatchConfig } from "#grid/config/watch.ts";

interface GuardProps {
  readonly grid: string;
  readonly guard: WatchConfig["guard"];
}

/** Managed rules that look at the grid's tagged resources, by the name each gets. */
const RULES: Readonly<Record<string, string>> = {
  "bucket-public-read": ManagedRuleIdentifiers.S3_BUCKET_PUBLIC_READ_PROHIBITED,
  "bucket-public-write": ManagedRuleIdentifiers.S3_BUCKET_PUBLIC_WRITE_PROHIBITED,
  "bucket-tls-only": ManagedRuleIdentifiers.S3_BUCKET_SSL_REQUESTS_ONLY,
  "ledger-can-be-restored": ManagedRuleIdentifiers.DYNAMODB_PITR_ENABLED,
  "volumes-encrypted": ManagedRuleIdentifiers.EBS_ENCRYPTED_VOLUMES,
  "flow-logs-on": ManagedRuleIdentifiers.VPC_FLOW_LOGS_ENABLED,
  "default-security-group-closed": ManagedRuleIdentifiers.VPC_DEFAULT_SECURITY_GROUP_CLOSED,
  "no-administrators": ManagedRuleIdentifiers.IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS,
};

/** Services of AWS that look for misuse, as far as the config switches them on. */
export class Guard extends Construct {
  constructor(scope: Construct, id: string, { grid, guard }: GuardProps) {
    super(scope, id);
    if (guard.guardDuty) {
      new CfnDetector(this, "GuardDuty", {
        enable: true,
        findingPublishingFrequency: "FIFTEEN_MINUTES",
        features: [
          { name: "S3_DATA_EVENTS", status: "ENABLED" },
          { name: "EKS_AUDIT_LOGS", status: "ENABLED" },
          {
            name: "RUNTIME_MONITORING",
            status: "ENABLED",
            additionalConfiguration: [{ name: "EKS_ADDON_MANAGEMENT", status: "ENABLED" }],
          },
        ],
      });
    }
    if (guard.configRules) {
      for (const [name, identifier] of Object.entries(RULES)) {
        new ManagedRule(this, name, {
          configRuleName: `${grid}-${name}`,
          identifier,
          ruleScope: RuleScope.fromTag("burstgrid:grid", grid),
        });
      }
    }
  }
}
