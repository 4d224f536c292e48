import { Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import { VAULT_ADDRESS, VAULT_ENV } from "#grid/vault.ts";
import { PodIdentity } from "../cluster/pod-role.ts";
import type { ProgramImage } from "./program-image.ts";
import { programSchedule } from "./program-job.ts";
import type { VaultBucket } from "./vault-bucket.ts";
import { SNAPSHOT_ACCOUNT } from "./vault-names.ts";
import type { VaultNamespace } from "./vault-namespace.ts";

interface VaultSnapshotsProps {
  readonly namespace: VaultNamespace;
  readonly image: ProgramImage;
  readonly bucket: VaultBucket;
  /** Cron, in UTC. */
  readonly schedule: string;
}

/** Copies of Vault's storage in S3, by the clock. */
export class VaultSnapshots extends Construct {
  constructor(scope: Construct, id: string, { namespace, image, bucket, schedule }: VaultSnapshotsProps) {
    super(scope, id);
    const identity = new PodIdentity(this, "Identity", {
      clusterName: namespace.cluster.clusterName,
      namespace: namespace.name,
      serviceAccount: SNAPSHOT_ACCOUNT,
    });
    bucket.grantAddSnapshot(identity);
    const job = namespace.apply(
      this,
      "Manifest",
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: SNAPSHOT_ACCOUNT } },
      programSchedule({
        pod: {
          image: image.uri,
          program: "snapshot",
          serviceAccount: SNAPSHOT_ACCOUNT,
          talksTo: "vault",
          env: {
            AWS_REGION: Stack.of(this).region,
            [VAULT_ENV.address]: VAULT_ADDRESS,
            [VAULT_ENV.bucket]: bucket.name,
          },
        },
        schedule,
      }),
    );
    job.node.addDependency(identity);
  }
}
