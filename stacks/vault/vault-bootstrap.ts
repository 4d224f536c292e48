import { Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import { VAULT_ENV, type VaultPlan } from "#grid/vault.ts";
import { PodIdentity } from "../cluster/pod-role.ts";
import type { ProgramImage } from "./program-image.ts";
import { programJob } from "./program-job.ts";
import type { VaultBucket } from "./vault-bucket.ts";
import { BOOTSTRAP_ACCOUNT, serverAddress } from "./vault-names.ts";
import type { VaultNamespace } from "./vault-namespace.ts";

interface VaultBootstrapProps {
  readonly namespace: VaultNamespace;
  readonly image: ProgramImage;
  readonly bucket: VaultBucket;
  readonly plan: VaultPlan;
}

const PLAN_FOLDER = "/etc/vault-plan";
const PLAN_FILE = "plan.json";

/** A Job that initialises Vault once, and brings it to the plan whenever that changes. In the cluster it may do nothing. */
export class VaultBootstrap extends Construct {
  constructor(scope: Construct, id: string, { namespace, image, bucket, plan }: VaultBootstrapProps) {
    super(scope, id);
    const identity = new PodIdentity(this, "Identity", {
      clusterName: namespace.cluster.clusterName,
      namespace: namespace.name,
      serviceAccount: BOOTSTRAP_ACCOUNT,
    });
    bucket.grantRecovery(identity);
    const written = JSON.stringify(plan, undefined, 2);
    const job = namespace.apply(
      this,
      "Manifest",
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: BOOTSTRAP_ACCOUNT } },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "vault-plan" }, data: { [PLAN_FILE]: written } },
      programJob({
        pod: {
          image: image.uri,
          program: "bootstrap",
          serviceAccount: BOOTSTRAP_ACCOUNT,
          talksTo: "vault",
          config: { name: "vault-plan", folder: PLAN_FOLDER },
          env: {
            AWS_REGION: Stack.of(this).region,
            [VAULT_ENV.address]: serverAddress(0),
            [VAULT_ENV.bucket]: bucket.name,
            [VAULT_ENV.planFile]: `${PLAN_FOLDER}/${PLAN_FILE}`,
          },
        },
        version: [image.hash, written],
      }),
    );
    job.node.addDependency(identity);
  }
}
