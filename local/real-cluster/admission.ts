import { isIPv6 } from "node:net";
import { POOL_LABEL } from "#stacks/kubernetes/names.ts";
import { below, type Fields, listBelow, type Manifest } from "./fields.ts";

/** What objects of the templates need to know of this machine to run beside it. */
export interface Surroundings {
  /** Where pods reach the local AWS services: `http://ADDRESS:PORT`. */
  readonly origin: string;
  /** Added, with the endpoint, to every container that does not set them itself: region and credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder on every node that stands for the FSx for Lustre file system. */
  readonly sharedFolder: string;
}

/** On every pod and Job that the local grid has made in the cluster. */
export const OWNER_LABEL = { name: "app.kubernetes.io/managed-by", value: "burstgrid-local" } as const;

const LUSTRE_DRIVER = "fsx.csi.aws.com";

/**
 * What becomes of an object of the templates in a cluster beside the local grid; all else is as on AWS. Pods get endpoint and
 * credentials (on AWS: the webhook of EKS Pod Identity) and may run on any node (there: on those that Karpenter makes for their
 * pool), an FSx for Lustre volume is a folder of the nodes, network policies let pods out to the local services too, and KEDA leaves
 * scaling to the local grid, whose queues it cannot see.
 */
export function admitted(object: Manifest, surroundings: Surroundings): Manifest {
  switch (object.kind) {
    case "Job":
      return withPods(labelled(object), surroundings);
    case "Deployment":
      return withPods(object, surroundings);
    case "PersistentVolume":
      return onNodes(object, surroundings);
    case "NetworkPolicy":
      return lettingOut(object, surroundings);
    case "ScaledObject":
      return paused(object);
    default:
      return object;
  }
}

function withPods(object: Manifest, { origin, environment }: Surroundings): Manifest {
  const added = { AWS_ENDPOINT_URL: origin, ...environment };
  const spec = below(object, "spec");
  const template = below(spec, "template");
  const { nodeSelector, ...pod } = below(template, "spec");
  const selected = Object.entries(below({ nodeSelector }, "nodeSelector")).filter(([label]) => label !== POOL_LABEL);
  const anywhere = selected.length === 0 ? {} : { nodeSelector: Object.fromEntries(selected) };
  const containers = listBelow(pod, "containers").map((container) => withEnvironment(container, added));
  const labelledTemplate = { ...template, metadata: labelledMetadata(below(template, "metadata")) };
  return { ...object, spec: { ...spec, template: { ...labelledTemplate, spec: { ...pod, ...anywhere, containers } } } };
}

function withEnvironment(container: Fields, environment: Surroundings["environment"]): Fields {
  const own = listBelow(container, "env");
  const names = new Set(own.map(({ name }) => name));
  const added = Object.entries(environment).filter(([name]) => !names.has(name));
  return { ...container, env: [...own, ...added.map(([name, value]) => ({ name, value }))] };
}

const labelled = (object: Manifest): Manifest => ({
  ...object,
  metadata: { ...object.metadata, ...labelledMetadata(object.metadata) },
});

const labelledMetadata = (metadata: Fields): Fields => ({
  ...metadata,
  labels: { ...below(metadata, "labels"), [OWNER_LABEL.name]: OWNER_LABEL.value },
});

/** A local volume rather than a hostPath one: the kubelet gives it to the group of the pods' `fsGroup`. */
function onNodes(object: Manifest, { sharedFolder }: Surroundings): Manifest {
  const { csi, mountOptions, ...spec } = below(object, "spec");
  if (below({ csi }, "csi")["driver"] !== LUSTRE_DRIVER) return object;
  const anywhere = { matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["linux"] }] };
  return {
    ...object,
    spec: {
      ...spec,
      local: { path: sharedFolder },
      nodeAffinity: { required: { nodeSelectorTerms: [anywhere] } },
    },
  };
}

function lettingOut(object: Manifest, { origin }: Surroundings): Manifest {
  const spec = below(object, "spec");
  const types = spec["policyTypes"];
  if (!Array.isArray(types) || !types.includes("Egress")) return object;
  const { hostname, port } = new URL(origin);
  const address = hostname.replace(/^\[|\]$/g, "");
  const services = {
    to: [{ ipBlock: { cidr: isIPv6(address) ? `${address}/128` : `${address}/32` } }],
    ports: [{ protocol: "TCP", port: Number(port) }],
  };
  return { ...object, spec: { ...spec, egress: [...listBelow(spec, "egress"), services] } };
}

/** https://keda.sh/docs/latest/concepts/scaling-deployments/#pause-autoscaling */
const paused = (object: Manifest): Manifest => ({
  ...object,
  metadata: {
    ...object.metadata,
    annotations: { ...object.metadata.annotations, "autoscaling.keda.sh/paused": "true" },
  },
});
