import { RemovalPolicy } from "aws-cdk-lib";
import type { Cluster } from "aws-cdk-lib/aws-eks-v2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { VAULT } from "#grid/vault.ts";
import { LogShipper } from "../cluster/log-shipper.ts";
import { SEAL_LINE } from "./seal-sidecar.ts";
import { SYSTEM_NODES } from "./vault-names.ts";

interface AuditLogProps {
  readonly cluster: Cluster;
  readonly grid: string;
  /** How long entries are kept. */
  readonly days: RetentionDays;
  readonly key: IKey;
  readonly mirror: string | undefined;
}

/** Log group of the audit log. */
export const auditLogName = (grid: string) => `/${grid}/vault/audit`;

/**
 * Vault's audit log in CloudWatch: every request and answer, with secrets hashed, and whether its servers are sealed; nothing else of what
 * they log. It outlives the stack.
 */
export class AuditLog extends Construct {
  constructor(scope: Construct, id: string, { cluster, grid, days, key, mirror }: AuditLogProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Log", {
      logGroupName: auditLogName(grid),
      encryptionKey: key,
      retention: days,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    new LogShipper(this, "Shipper", {
      cluster,
      name: "audit-shipper",
      namespace: "vault-audit",
      logGroup,
      containers: `vault-*_${VAULT.namespace}_vault-*`,
      only: `"type":"(request|response|${SEAL_LINE})"`,
      nodes: SYSTEM_NODES,
      mirror,
    });
  }
}
