import { Stack } from "aws-cdk-lib";
import { type Cluster, KubernetesManifest } from "aws-cdk-lib/aws-eks-v2";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { PodIdentity } from "./pod-role.ts";
import { shipperConfig } from "./shipper-config.ts";

interface LogShipperProps {
  readonly cluster: Cluster;
  /** Of the DaemonSet. */
  readonly name: string;
  /** One of its own: who reads the nodes' log files may not live under the "restricted" standard. */
  readonly namespace: string;
  readonly logGroup: ILogGroup;
  /** Containers whose lines are taken: `<pod>_<namespace>_<container>-*`. */
  readonly containers: string;
  /** Only lines that this regular expression fits. Default all. */
  readonly only?: string;
  /** Labels of the nodes whose containers it reads. Default all nodes. */
  readonly nodes?: Readonly<Record<string, string>>;
  /** Registry of the account that has its image, in place of the publisher's. */
  readonly mirror: string | undefined;
}

/** Fluent Bit as AWS builds it. */
const IMAGE = { registry: "public.ecr.aws", name: "aws-observability/aws-for-fluent-bit:3.4.17" };
const CONFIG_FILE = "fluent-bit.conf";

/** Takes the log lines of some containers to a log group, from each node. */
export class LogShipper extends Construct {
  constructor(scope: Construct, id: string, props: LogShipperProps) {
    super(scope, id);
    const { cluster, name, namespace, logGroup } = props;
    const identity = new PodIdentity(this, "Identity", {
      clusterName: cluster.clusterName,
      namespace,
      serviceAccount: name,
    });
    Grant.addToPrincipal({
      grantee: identity,
      actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      resourceArns: [logGroup.logGroupArn],
    });
    const namespaced = { name, namespace };
    const stateFolder = `/var/lib/${namespace}-${name}`;
    const config = shipperConfig({
      region: Stack.of(this).region,
      logGroup: logGroup.logGroupName,
      containers: props.containers,
      only: props.only,
      stateFolder,
    });
    const manifest = new KubernetesManifest(this, "Manifest", {
      cluster,
      manifest: [
        {
          apiVersion: "v1",
          kind: "Namespace",
          metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
        },
        { apiVersion: "v1", kind: "ServiceAccount", metadata: namespaced, automountServiceAccountToken: false },
        { apiVersion: "v1", kind: "ConfigMap", metadata: namespaced, data: { [CONFIG_FILE]: config } },
        {
          apiVersion: "networking.k8s.io/v1",
          kind: "NetworkPolicy",
          metadata: { name: "no-ingress", namespace },
          spec: { podSelector: {}, policyTypes: ["Ingress"] },
        },
        daemonSet({ ...props, stateFolder }),
      ],
    });
    manifest.node.addDependency(identity);
  }
}

function daemonSet({
  name,
  namespace,
  nodes,
  mirror,
  stateFolder,
}: LogShipperProps & { readonly stateFolder: string }) {
  const configFolder = `/etc/${name}`;
  const folders = [
    { name: "logs", path: "/var/log", type: "Directory", readOnly: true },
    { name: "state", path: stateFolder, type: "DirectoryOrCreate", readOnly: false },
  ];
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          // On nodes that a pool keeps for itself too, unless it is for certain nodes.
          ...(nodes === undefined ? { tolerations: [{ operator: "Exists" }] } : { nodeSelector: nodes }),
          priorityClassName: "system-node-critical",
          containers: [
            {
              name,
              image: `${mirror ?? IMAGE.registry}/${IMAGE.name}`,
              command: ["/fluent-bit/bin/fluent-bit", "-c", `${configFolder}/${CONFIG_FILE}`],
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
                { name: "config", mountPath: configFolder },
                ...folders.map(({ name, path, readOnly }) => ({ name, mountPath: path, readOnly })),
              ],
            },
          ],
          volumes: [
            { name: "config", configMap: { name } },
            ...folders.map(({ name, path, type }) => ({ name, hostPath: { path, type } })),
          ],
        },
      },
    },
  };
}
