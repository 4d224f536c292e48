import { type Cluster, KubernetesManifest } from "aws-cdk-lib/aws-eks-v2";
import { Construct } from "constructs";
import { NAMESPACE } from "#grid/names.ts";
import { VAULT } from "#grid/vault.ts";
import { PROGRAM_LABELS } from "./program-pod.ts";
import { SERVER_LABELS } from "./vault-names.ts";

type KubernetesObject = Record<string, unknown> & { readonly metadata: Record<string, unknown> };

interface VaultNamespaceProps {
  readonly cluster: Cluster;
  /** TCP ports of the databases that Vault makes users for. */
  readonly databasePorts: readonly number[];
}

const CLUSTER_PORT = 8201;
const HTTPS = 443;
/** Where EKS Pod Identity's agent answers on each node (EKS user guide). */
const POD_IDENTITY_AGENT = "169.254.170.23/32";

/** Vault's namespace, under the "restricted" Pod Security Standard. Only the grid's pods reach the servers, and only by TLS. */
export class VaultNamespace extends Construct {
  readonly name = VAULT.namespace;
  readonly cluster: Cluster;
  private readonly manifest: KubernetesManifest;

  constructor(scope: Construct, id: string, { cluster, databasePorts }: VaultNamespaceProps) {
    super(scope, id);
    this.cluster = cluster;
    this.manifest = new KubernetesManifest(this, "Manifest", {
      cluster,
      manifest: [
        {
          apiVersion: "v1",
          kind: "Namespace",
          metadata: {
            name: VAULT.namespace,
            labels: {
              "pod-security.kubernetes.io/enforce": "restricted",
              "pod-security.kubernetes.io/warn": "restricted",
            },
          },
        },
      ],
    });
    this.apply(
      this,
      "Network",
      policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
      policy("servers", {
        podSelector: { matchLabels: SERVER_LABELS },
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [inNamespace(NAMESPACE), { podSelector: { matchLabels: PROGRAM_LABELS } }],
            ports: [tcp(VAULT.port)],
          },
          { from: [{ podSelector: { matchLabels: SERVER_LABELS } }], ports: [tcp(VAULT.port), tcp(CLUSTER_PORT)] },
        ],
        egress: [
          NAME_SERVICE,
          { to: [{ podSelector: { matchLabels: SERVER_LABELS } }], ports: [tcp(VAULT.port), tcp(CLUSTER_PORT)] },
          // KMS, STS and the Kubernetes API, whose addresses are not known; and databases.
          { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [HTTPS, ...new Set(databasePorts)].map(tcp) },
        ],
      }),
      policy("programs", {
        podSelector: { matchLabels: PROGRAM_LABELS },
        policyTypes: ["Egress"],
        egress: [
          NAME_SERVICE,
          { to: [{ podSelector: { matchLabels: SERVER_LABELS } }], ports: [tcp(VAULT.port)] },
          { to: [{ ipBlock: { cidr: POD_IDENTITY_AGENT } }], ports: [tcp(80)] },
          // S3 and the Kubernetes API.
          { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [tcp(HTTPS)] },
        ],
      }),
    );
  }

  /** Applies objects that live in this namespace, once it is there. */
  apply(scope: Construct, id: string, ...objects: KubernetesObject[]): KubernetesManifest {
    const manifest = new KubernetesManifest(scope, id, {
      cluster: this.cluster,
      manifest: objects.map((object) => ({ ...object, metadata: { ...object.metadata, namespace: VAULT.namespace } })),
    });
    manifest.node.addDependency(this.manifest);
    return manifest;
  }
}

const policy = (name: string, spec: object) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name },
  spec,
});

const tcp = (port: number) => ({ protocol: "TCP", port });

const inNamespace = (name: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
});

const NAME_SERVICE = {
  to: [{ ...inNamespace("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
  ports: [{ protocol: "UDP", port: 53 }, tcp(53)],
};
