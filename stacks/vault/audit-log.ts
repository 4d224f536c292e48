import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { type Cluster, KubernetesManifest } from "aws-cdk-lib/aws-eks-v2";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { PodIdentity } from "../cluster/pod-role.ts";
import { LOG_VOLUMES, shipperConfig } from "./shipper-config.ts";
import { SYSTEM_NODES } from "./vault-names.ts";

interface AuditLogProps {
  readonly cluster: Cluster;
  readonly grid: string;
  /** How long entries are kept. */
  readonly days: RetentionDays;
  readonly key: IKey;
  readonly mirror: string | undefined;
}

/** A namespace of its own: who reads the nodes' log files may not live under the "restricted" standard, and Vault must. */
const NAMESPACE = "vault-audit";
const SHIPPER = "audit-shipper";
/** Fluent Bit as AWS builds it. */
const IMAGE = { registry: "public.ecr.aws", name: "aws-observability/aws-for-fluent-bit:3.4.17" };
const CONFIG_FOLDER = "/etc/audit-shipper";
const CONFIG_FILE = "fluent-bit.conf";

/** Log group of the audit log. */
export const auditLogName = (grid: string) => `/${grid}/vault/audit`;

/** Vault's audit log in CloudWatch: every request and answer, with secrets hashed. It outlives the stack. */
export class AuditLog extends Construct {
  constructor(scope: Construct, id: string, { cluster, grid, days, key, mirror }: AuditLogProps) {
    super(scope, id);
    const log = new LogGroup(this, "Log", {
      logGroupName: auditLogName(grid),
      encryptionKey: key,
      retention: days,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const identity = new PodIdentity(this, "Identity", {
      clusterName: cluster.clusterName,
      namespace: NAMESPACE,
      serviceAccount: SHIPPER,
    });
    Grant.addToPrincipal({
      grantee: identity,
      actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      resourceArns: [log.logGroupArn],
    });
    const namespaced = { name: SHIPPER, namespace: NAMESPACE };
    const config = shipperConfig({ region: Stack.of(this).region, logGroup: log.logGroupName });
    const manifest = new KubernetesManifest(this, "Manifest", {
      cluster,
      manifest: [
        {
          apiVersion: "v1",
          kind: "Namespace",
          metadata: { name: NAMESPACE, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
        },
        { apiVersion: "v1", kind: "ServiceAccount", metadata: namespaced, automountServiceAccountToken: false },
        { apiVersion: "v1", kind: "ConfigMap", metadata: namespaced, data: { [CONFIG_FILE]: config } },
        {
          apiVersion: "networking.k8s.io/v1",
          kind: "NetworkPolicy",
          metadata: { name: "no-ingress", namespace: NAMESPACE },
          spec: { podSelector: {}, policyTypes: ["Ingress"] },
        },
        shipper(namespaced, `${mirror ?? IMAGE.registry}/${IMAGE.name}`),
      ],
    });
    manifest.node.addDependency(identity);
  }
}

const shipper = (metadata: object, image: string) => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata,
  spec: {
    selector: { matchLabels: { app: SHIPPER } },
    template: {
      metadata: { labels: { app: SHIPPER } },
      spec: {
        serviceAccountName: SHIPPER,
        automountServiceAccountToken: false,
        nodeSelector: SYSTEM_NODES,
        priorityClassName: "system-node-critical",
        containers: [
          {
            name: SHIPPER,
            image,
            command: ["/fluent-bit/bin/fluent-bit", "-c", `${CONFIG_FOLDER}/${CONFIG_FILE}`],
            resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "256Mi" } },
            securityContext: {
              // The nodes' log files belong to root.
              runAsUser: 0,
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"], add: ["DAC_READ_SEARCH"] },
              seccompProfile: { type: "RuntimeDefault" },
            },
            volumeMounts: [
              { name: "config", mountPath: CONFIG_FOLDER },
              ...LOG_VOLUMES.map(({ name, path, readOnly }) => ({ name, mountPath: path, readOnly })),
            ],
          },
        ],
        volumes: [
          { name: "config", configMap: { name: SHIPPER } },
          ...LOG_VOLUMES.map(({ name, path, type }) => ({ name, hostPath: { path, type } })),
        ],
      },
    },
  },
});
