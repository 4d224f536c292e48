import { Stack } from "aws-cdk-lib";
import { KubernetesManifest } from "aws-cdk-lib/aws-eks-v2";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct, type IDependable } from "constructs";
import type { OwnVault } from "#grid/config/vault.ts";
import { VAULT } from "#grid/vault.ts";
import { PinnedChart } from "../cluster/charts.ts";
import { serverConfig } from "./server-config.ts";
import { serverValues } from "./server-values.ts";
import { SERVER_ACCOUNT } from "./vault-names.ts";
import type { VaultNamespace } from "./vault-namespace.ts";
import { WebIdentityRole } from "./web-identity-role.ts";

interface VaultServerProps {
  readonly namespace: VaultNamespace;
  readonly settings: OwnVault;
  readonly keys: {
    /** Unseals. */
    readonly vault: IKey;
    /** Encrypts volumes: its policy lets whoever starts an instance or a volume use it by way of EC2. */
    readonly cluster: IKey;
  };
  readonly mirror: string | undefined;
  readonly after: IDependable;
}

const STORAGE_CLASS = "vault";

/** The chart of HashiCorp, and the image that it was released with. */
const CHART = {
  name: "vault",
  version: "0.34.1",
  repository: "https://helm.releases.hashicorp.com",
  namespace: VAULT.namespace,
} as const;
const IMAGE = { repository: "hashicorp/vault", tag: "2.0.4" } as const;

/** The servers: a raft cluster over all zones, unsealed by KMS. */
export class VaultServer extends Construct {
  constructor(scope: Construct, id: string, { namespace, settings, keys, mirror, after }: VaultServerProps) {
    super(scope, id);
    const { cluster } = namespace;
    // IAM roles for service accounts, not Pod Identity: with that Vault finds no credentials (hashicorp/vault issue 31860).
    const role = new WebIdentityRole(this, "Role", {
      cluster,
      namespace: namespace.name,
      serviceAccount: SERVER_ACCOUNT,
    });
    Grant.addToPrincipal({
      grantee: role,
      actions: ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"],
      resourceArns: [keys.vault.keyArn],
    });
    const account = namespace.apply(this, "Account", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: SERVER_ACCOUNT, annotations: { "eks.amazonaws.com/role-arn": role.roleArn } },
    });
    const storage = new KubernetesManifest(this, "Storage", {
      cluster,
      manifest: [
        {
          apiVersion: "storage.k8s.io/v1",
          kind: "StorageClass",
          metadata: { name: STORAGE_CLASS },
          provisioner: "ebs.csi.aws.com",
          parameters: { type: "gp3", encrypted: "true", kmsKeyId: keys.cluster.keyArn },
          volumeBindingMode: "WaitForFirstConsumer",
          reclaimPolicy: "Retain",
          allowVolumeExpansion: true,
        },
      ],
    });
    const repository = mirror === undefined ? IMAGE.repository : `${mirror}/${IMAGE.repository}`;
    new PinnedChart(this, "Chart", {
      cluster,
      chart: CHART,
      mirror,
      after: [after, role, account, storage],
      values: serverValues({
        replicas: settings.replicas,
        storageGibibytes: settings.storageGibibytes,
        storageClass: STORAGE_CLASS,
        image: { repository, tag: IMAGE.tag },
        config: serverConfig({
          replicas: settings.replicas,
          region: Stack.of(this).region,
          sealKey: keys.vault.keyArn,
        }),
      }),
    });
  }
}
