/** Nodes of one kind of capacity, as Karpenter's NodePool. */
export interface NodePoolProps {
  readonly name: string;
  /** Of an EC2NodeClass. */
  readonly nodeClass: string;
  readonly instanceTypes: readonly string[];
  readonly capacity: "spot" | "on-demand";
  /** NodePools of a higher weight are tried first. Default 0. */
  readonly weight?: number;
  /** Further requirements on nodes: a label, and the values Karpenter may give it. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: "NoSchedule" }[];
  /** The longest that a pod on a node may take to end, in seconds. */
  readonly graceSeconds: number;
}

/** Nodes are made anew after a month, so that each has a recent image. */
const EXPIRY = "720h";
/** An empty node is kept this long for the next job. */
const IDLE = "2m";
/** For the node itself, on top of its pods' grace. */
const DRAIN_MARGIN_SECONDS = 300;
/** The FSx driver takes it away once it can mount: a worker would start without its volume otherwise. */
const UNTIL_VOLUMES = { key: "fsx.csi.aws.com/agent-not-ready", effect: "NoExecute" };

/**
 * A NodePool whose nodes come when pods need them and go when they are empty: a node with a task on it is not emptied to save money.
 * None is there while no pod is.
 */
export function nodePool(props: NodePoolProps) {
  const { labels = {}, taints = [] } = props;
  const requirement = (key: string, values: readonly string[]) => ({ key, operator: "In", values });
  return {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name: props.name },
    spec: {
      ...(props.weight !== undefined && { weight: props.weight }),
      template: {
        spec: {
          nodeClassRef: { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: props.nodeClass },
          requirements: [
            requirement("kubernetes.io/os", ["linux"]),
            requirement("kubernetes.io/arch", ["amd64"]),
            requirement("karpenter.sh/capacity-type", [props.capacity]),
            requirement("node.kubernetes.io/instance-type", props.instanceTypes),
            ...Object.entries(labels).map(([label, values]) => requirement(label, values)),
          ],
          ...(taints.length > 0 && { taints }),
          startupTaints: [UNTIL_VOLUMES],
          expireAfter: EXPIRY,
          terminationGracePeriod: `${props.graceSeconds + DRAIN_MARGIN_SECONDS}s`,
        },
      },
      disruption: {
        consolidationPolicy: "WhenEmpty",
        consolidateAfter: IDLE,
        budgets: [
          { nodes: "100%", reasons: ["Empty"] },
          { nodes: "10%", reasons: ["Drifted"] },
        ],
      },
    },
  };
}
