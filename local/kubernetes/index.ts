import type { Endpoint } from "../gateway.ts";
import type { Machine } from "./admission.ts";
import { apiEndpoint } from "./api.ts";
import { Cluster } from "./cluster.ts";
import { openControllers } from "./controllers.ts";
import { badRequest } from "./faults.ts";
import { JOB, kindNamed, POD } from "./kinds.ts";
import { Objects } from "./objects.ts";
import { Pods } from "./pods.ts";

export interface KubernetesOptions extends Machine {
  /** The bearer token the API accepts. */
  readonly token: string;
  /** Path below which the API is mounted. @default "/kubernetes" */
  readonly prefix?: string;
  /** Of the pods' logs and emptyDir volumes. What a former run left there is removed. */
  readonly folder: string;
  /** Laid under every container's own variables; pods inherit nothing else, so it needs PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Cores of this machine: a ScaledObject gets no more replicas than these. */
  readonly cores: number;
  /** Replicas of each ScaledObject at most, in place of its `maxReplicaCount` and of `cores`. */
  readonly workers?: number;
  /** Messages of a queue, visible and in flight. */
  queueDepth(queueUrl: string): Promise<number>;
  /** Told of pods that fail (with the end of their log) and of ScaledObjects that cannot scale. */
  warn(message: string): void;
  /** Wait before a Job's second pod, doubled for each further one. Kubernetes: 10,000. @default 1000 */
  readonly retryMilliseconds?: number;
  /** How often a ScaledObject looks at its queues. KEDA: 30,000. @default 200 */
  readonly pollMilliseconds?: number;
  /** On `close`, seconds from SIGTERM to SIGKILL for pods that ask for more. @default 5 */
  readonly closeGraceSeconds?: number;
}

/** Enough of the Kubernetes API to run the grid's manifests as child processes of this machine. */
export interface Kubernetes {
  readonly endpoint: Endpoint;
  /**
   * Creates the object, or replaces the one of that name.
   * @throws KubernetesFault for a kind that is not served, or naming the fields that are not.
   */
  apply(manifest: object): Promise<void>;
  /** Deletes an object and what it owns. @throws KubernetesFault when there is none (code 404). */
  delete(kind: string, namespace: string, name: string): Promise<void>;
  /** SIGTERM to all pods, SIGKILL after a grace; resolves when all processes are gone. */
  close(): Promise<void>;
}

/** Opens a cluster without objects. Pods need a POSIX shell (/bin/sh): Linux or macOS. */
export function openKubernetes(options: KubernetesOptions): Kubernetes {
  const objects = new Objects();
  const pods = new Pods({ ...options, objects });
  const cluster: Cluster = new Cluster(
    objects,
    pods,
    openControllers({
      machine: options,
      objects,
      pods,
      retryMilliseconds: options.retryMilliseconds ?? 1_000,
      expired: ({ metadata }) => cluster.delete(JOB, metadata.namespace ?? "", metadata.name, {}),
      cores: options.cores,
      workers: options.workers,
      pollMilliseconds: options.pollMilliseconds ?? 200,
      queueDepth: (url) => options.queueDepth(url),
      replicasOf: (namespace, name) => cluster.replicasOf(namespace, name),
      scale: (namespace, name, replicas) => cluster.scale(namespace, name, replicas),
      warn: (message) => options.warn(message),
    }),
  );
  const endpoint = apiEndpoint({
    cluster,
    prefix: options.prefix ?? "/kubernetes",
    token: options.token,
    logOf: (namespace, pod) => pods.of(objects.get(POD, namespace, pod)).log,
  });
  return {
    endpoint,
    async apply(manifest) {
      cluster.apply(manifest);
    },
    async delete(kind, namespace, name) {
      const known = kindNamed(kind);
      if (known === undefined) throw badRequest(`the local Kubernetes does not serve the kind ${kind}`);
      cluster.delete(known, namespace, name, {});
    },
    async close() {
      cluster.stop();
      await pods.close(options.closeGraceSeconds ?? 5);
    },
  };
}
