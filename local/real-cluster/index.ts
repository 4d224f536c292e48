import type { KubernetesAddress, KubernetesServer } from "#grid/kubernetes-server.ts";
import type { JobCluster } from "../states/index.ts";
import { admitted, type Surroundings } from "./admission.ts";
import { type Manifest, manifestOf } from "./fields.ts";
import { type AccessEntry, Identities } from "./identities.ts";
import { ClusterObjects } from "./objects.ts";
import { Pods } from "./pods.ts";
import { Workers } from "./workers.ts";

export type { AccessEntry } from "./identities.ts";

export interface RealClusterOptions {
  /** As a user who may do everything, impersonation included. */
  readonly server: KubernetesServer;
  readonly surroundings: Surroundings;
  /** Workers of each pool at most. */
  readonly workers?: number | undefined;
  /** Messages of a queue, visible and in flight. */
  queueDepth(queueUrl: string): Promise<number>;
  /** Told of kinds that the cluster lacks and of pods in trouble. */
  warn(message: string): void;
}

/** A Kubernetes cluster that runs the grid's pods beside the local grid. */
export interface RealCluster {
  /** Where its API is. */
  readonly address: KubernetesAddress;
  /** Applies an object server-side, unless it is about nodes. @throws ClusterError with the API server's reason. */
  apply(manifest: object): Promise<void>;
  /** Lets an IAM role in, as an EKS access entry does. */
  grantAccess(entry: AccessEntry): void;
  /** For `eks:runJob`. */
  readonly jobs: JobCluster;
  /** Ends the grid's pods and waits for it. Everything else stays, for the next grid. */
  close(): Promise<void>;
}

/** KEDA's kinds are there when it is installed; without it the local grid does well. */
const OPTIONAL_GROUP = "keda.sh";
/** Karpenter's kinds say how AWS makes nodes: the cluster's are what they are. */
const GROUPS_OF_NODES = ["karpenter.sh", "karpenter.k8s.aws"];

/** Ends what an earlier grid left running in the cluster. @throws Error when the API server does not answer or refuses. */
export async function openRealCluster(options: RealClusterOptions): Promise<RealCluster> {
  const { surroundings, warn } = options;
  const objects = new ClusterObjects(options.server);
  const identities = new Identities(options.server.login);
  const workers = new Workers({ ...options, objects });
  const absent = new Set<string>();
  await new Pods(objects, warn).clear();
  const pods = new Pods(objects, warn);
  pods.watch();

  const applyIfServed = async (object: Manifest): Promise<void> => {
    const { apiVersion, kind } = object;
    const [group = ""] = apiVersion.split("/");
    if (GROUPS_OF_NODES.includes(group)) return;
    if (group !== OPTIONAL_GROUP || (await objects.serves(object))) {
      return objects.apply(admitted(object, surroundings));
    }
    if (!absent.has(kind)) warn(`the cluster has no ${kind} (${apiVersion}), so none is applied`);
    absent.add(kind);
  };

  return {
    address: { endpoint: options.server.endpoint, certificateAuthority: options.server.certificateAuthority },
    apply: async (manifest) => {
      const object = manifestOf(manifest);
      await applyIfServed(object);
      if (object.kind === "ScaledObject") workers.follow(object);
    },
    grantAccess: (entry) => identities.grant(entry),
    jobs: {
      loginOf: (roleArn) => identities.loginOf(roleArn),
      admit: (job) => admitted(manifestOf(job), surroundings) as typeof job,
    },
    close: async () => {
      await workers.stop();
      await pods.clear();
    },
  };
}
