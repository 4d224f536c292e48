/** A kind of object the API serves. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** `run`: has a controller here. `kept`: stored so that GET returns it, and nothing comes of it; `reason` says why where a cluster would do more. */
  readonly role: "run" | "kept";
  readonly reason?: string;
}

type Row = readonly [apiVersion: string, kind: string, plural: string, shortNames: string];
const NO_NODES = "every pod runs on this machine";
const NO_RBAC = "one token may do everything here";

const RUN: readonly Row[] = [
  ["v1", "Pod", "pods", "po"],
  ["batch/v1", "Job", "jobs", ""],
  ["apps/v1", "Deployment", "deployments", "deploy"],
  ["keda.sh/v1alpha1", "ScaledObject", "scaledobjects", "so"],
];

/** Groups the names of other objects; nothing more is to come of it, here or elsewhere. */
const NAMESPACE_ROW: Row = ["v1", "Namespace", "namespaces", "ns"];

const KEPT: readonly (readonly [...Row, scope: "namespaced" | "cluster", reason: string])[] = [
  ["v1", "ServiceAccount", "serviceaccounts", "sa", "namespaced", "pods get their credentials from the environment"],
  ["v1", "ConfigMap", "configmaps", "cm", "namespaced", "pods may not read one here (configMapKeyRef is refused)"],
  ["v1", "ResourceQuota", "resourcequotas", "quota", "namespaced", "the machine's own limits hold"],
  ["v1", "LimitRange", "limitranges", "limits", "namespaced", "the machine's own limits hold"],
  ["v1", "PersistentVolume", "persistentvolumes", "pv", "cluster", "a claim is a folder of this machine"],
  ["v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", "namespaced", "a claim is a folder of this machine"],
  [
    "networking.k8s.io/v1",
    "NetworkPolicy",
    "networkpolicies",
    "netpol",
    "namespaced",
    "pods share this machine's network",
  ],
  ["policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", "namespaced", "no node is drained here"],
  ["scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", "pc", "cluster", "no pod waits for room here"],
  ["storage.k8s.io/v1", "StorageClass", "storageclasses", "sc", "cluster", "a claim is a folder of this machine"],
  ["rbac.authorization.k8s.io/v1", "Role", "roles", "", "namespaced", NO_RBAC],
  ["rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", "", "namespaced", NO_RBAC],
  ["rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", "", "cluster", NO_RBAC],
  ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", "", "cluster", NO_RBAC],
  [
    "keda.sh/v1alpha1",
    "TriggerAuthentication",
    "triggerauthentications",
    "",
    "namespaced",
    "queues are in this process",
  ],
  ["karpenter.sh/v1", "NodePool", "nodepools", "", "cluster", NO_NODES],
  ["karpenter.k8s.aws/v1", "EC2NodeClass", "ec2nodeclasses", "ec2nc", "cluster", NO_NODES],
  ["eks.amazonaws.com/v1", "NodeClass", "nodeclasses", "", "cluster", NO_NODES],
];

function kindOf([apiVersion, kind, plural, shortNames]: Row): Omit<Kind, "role" | "namespaced"> {
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  return { group, version, kind, plural, shortNames: shortNames === "" ? [] : [shortNames] };
}

/** All kinds served. A kind that is not listed is refused by name. */
export const KINDS: readonly Kind[] = [
  { ...kindOf(NAMESPACE_ROW), namespaced: false, role: "kept" },
  ...RUN.map((row): Kind => ({ ...kindOf(row), namespaced: true, role: "run" })),
  ...KEPT.map(([apiVersion, kind, plural, shortNames, scope, reason]): Kind => {
    const namespaced = scope === "namespaced";
    return { ...kindOf([apiVersion, kind, plural, shortNames]), namespaced, role: "kept", reason };
  }),
];

export const apiVersionOf = (kind: Kind) => (kind.group === "" ? kind.version : `${kind.group}/${kind.version}`);

/** The kind of this name; kind names are unique among those served. */
export function kindNamed(name: string): Kind | undefined {
  return KINDS.find((kind) => kind.kind === name);
}

export const NAMESPACE = known("Namespace");
export const POD = known("Pod");
export const JOB = known("Job");
export const DEPLOYMENT = known("Deployment");
export const SCALED_OBJECT = known("ScaledObject");

function known(name: string): Kind {
  const kind = kindNamed(name);
  if (kind === undefined) throw new Error(`the table of kinds has no ${name}`);
  return kind;
}
