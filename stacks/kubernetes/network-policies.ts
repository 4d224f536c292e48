import { Construct } from "constructs";
import type { ClusterConfig } from "#grid/config/cluster.ts";
import type { Grid } from "#grid/config.ts";
import { VAULT } from "#grid/vault.ts";
import type { GridNamespace } from "./grid-namespace.ts";

interface NetworkPoliciesProps {
  readonly namespace: GridNamespace;
  readonly egress: ClusterConfig["egress"];
  /** Undefined: the grid has none. */
  readonly vault: Grid["vault"] | undefined;
}

/** Where EKS Pod Identity's agent answers on each node (EKS user guide). */
const POD_IDENTITY_AGENT = "169.254.170.23/32";
const HTTPS = 443;

/** Nobody may connect to a pod of the namespace, and its pods connect only to what is listed. */
export class NetworkPolicies extends Construct {
  constructor(scope: Construct, id: string, { namespace, egress, vault }: NetworkPoliciesProps) {
    super(scope, id);
    namespace.apply(
      this,
      "Manifest",
      policy("default-deny", { policyTypes: ["Ingress", "Egress"] }),
      policy("egress", {
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: inNamespace("kube-system"),
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
            ],
            ports: [
              { protocol: "UDP", port: 53 },
              { protocol: "TCP", port: 53 },
            ],
          },
          { to: [{ ipBlock: { cidr: POD_IDENTITY_AGENT } }], ports: [{ protocol: "TCP", port: 80 }] },
          ...(vault === undefined ? [] : [toVault(vault)]),
          ...egress.map(({ cidr, ports }) => ({
            to: [{ ipBlock: { cidr } }],
            ports: ports.map((port) => ({ protocol: "TCP", port })),
          })),
        ],
      }),
    );
  }
}

const policy = (name: string, spec: object) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name },
  spec: { podSelector: {}, ...spec },
});

const inNamespace = (name: string) => ({ matchLabels: { "kubernetes.io/metadata.name": name } });

const toVault = (vault: NonNullable<Grid["vault"]>) =>
  "address" in vault
    ? { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ protocol: "TCP", port: portOf(vault.address) }] }
    : {
        to: [{ namespaceSelector: inNamespace(VAULT.namespace) }],
        ports: [{ protocol: "TCP", port: VAULT.port }],
      };

const portOf = (address: string) => Number(new URL(address).port || HTTPS);
