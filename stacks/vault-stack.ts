import { CfnOutput, Stack } from "aws-cdk-lib";
import type { Cluster } from "aws-cdk-lib/aws-eks-v2";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { OwnVault } from "#grid/config/vault.ts";
import type { Grid } from "#grid/config.ts";
import { VAULT_ADDRESS } from "#grid/vault.ts";
import type { GridKeys } from "./foundation/keys.ts";
import { AuditLog } from "./vault/audit-log.ts";
import { ProgramImage } from "./vault/program-image.ts";
import { VaultBootstrap } from "./vault/vault-bootstrap.ts";
import { VaultBucket } from "./vault/vault-bucket.ts";
import { VaultCertificates } from "./vault/vault-certificates.ts";
import { VaultNamespace } from "./vault/vault-namespace.ts";
import { vaultPlan } from "./vault/vault-plan.ts";
import { VaultServer } from "./vault/vault-server.ts";
import { VaultSnapshots } from "./vault/vault-snapshots.ts";

interface VaultStackProps {
  readonly grid: Grid;
  readonly vault: OwnVault;
  readonly cluster: Cluster;
  readonly keys: Pick<GridKeys, "vault" | "cluster" | "logs">;
  readonly accessLogs: IBucket;
  /** Folder that `bundlePrograms` made. */
  readonly programs: string;
}

/** A Vault of the grid's own: servers over all zones, a role for each application, snapshots in S3, an audit log in CloudWatch. */
export class VaultStack extends Stack {
  constructor(scope: Construct, id: string, props: VaultStackProps) {
    const { grid, vault, cluster, keys, accessLogs } = props;
    super(scope, id, {
      stackName: `${grid.name}-vault`,
      description: `Burstgrid "${grid.name}": Vault for the applications' secrets`,
    });
    const { mirror } = grid.cluster;
    const namespace = new VaultNamespace(this, "Namespace", {
      cluster,
      databasePorts: Object.values(vault.databases).map(({ port }) => port),
    });
    const image = new ProgramImage(this, "Programs", { folder: props.programs });
    const bucket = new VaultBucket(this, "Bucket", {
      grid: grid.name,
      snapshotDays: vault.snapshotDays,
      key: keys.vault,
      accessLogs,
    });
    new AuditLog(this, "Audit", { cluster, grid: grid.name, days: vault.auditDays, key: keys.logs, mirror });

    const certificates = new VaultCertificates(this, "Certificates", { namespace, image });
    new VaultServer(this, "Server", { namespace, settings: vault, keys, mirror, after: certificates.ready });
    new VaultBootstrap(this, "Bootstrap", { namespace, image, bucket, plan: vaultPlan(grid, vault) });
    new VaultSnapshots(this, "Snapshots", { namespace, image, bucket, schedule: vault.snapshotSchedule });

    new CfnOutput(this, "Address", { value: VAULT_ADDRESS });
    new CfnOutput(this, "BucketName", { value: bucket.name });
  }
}
