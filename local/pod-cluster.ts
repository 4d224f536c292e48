import { randomUUID } from "node:crypto";
import { availableParallelism, homedir, tmpdir } from "node:os";
import { bearer, type KubernetesAddress, type KubernetesServer } from "#grid/kubernetes-server.ts";
import { SHARED_CLAIM } from "#grid/names.ts";
import type { Gateway } from "./gateway.ts";
import { openKubernetes } from "./kubernetes/index.ts";
import { type AccessEntry, openRealCluster } from "./real-cluster/index.ts";
import type { JobCluster } from "./states/index.ts";

/** The cluster that masters and workers run in. */
export interface PodCluster {
  /** Where its API is. */
  readonly address: KubernetesAddress;
  /** Creates the object, or makes it what is given. @throws Error saying what the cluster does not take. */
  apply(manifest: object): Promise<void>;
  grantAccess(entry: AccessEntry): void;
  readonly jobs: JobCluster;
  /** Ends all pods and waits for it. */
  close(): Promise<void>;
}

interface PodClusterOptions {
  readonly gateway: Gateway;
  /** What every pod needs to reach the local services, but their endpoint. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Folder of this machine that stands for the shared file system. */
  readonly sharedFolder: string;
  /** Workers of each pool at most. */
  readonly workers?: number | undefined;
  queueDepth(queueUrl: string): Promise<number>;
  warn(message: string): void;
}

interface ProcessClusterOptions extends PodClusterOptions {
  /** Of the pods' logs. */
  readonly folder: string;
  /** Folder that stands for an image's /app. */
  contents(image: string): string;
}

/** A cluster without nodes: its pods are processes of this machine. */
export function processCluster({ gateway, credentials, sharedFolder, ...options }: ProcessClusterOptions): PodCluster {
  const token = randomUUID();
  const kubernetes = openKubernetes({
    token,
    folder: options.folder,
    contents: (image) => options.contents(image),
    environment: {
      AWS_ENDPOINT_URL: gateway.origin,
      ...credentials,
      PATH: process.env["PATH"] ?? "",
      HOME: homedir(),
      TMPDIR: tmpdir(),
    },
    volumes: { [SHARED_CLAIM]: sharedFolder },
    cores: availableParallelism(),
    ...(options.workers !== undefined && { workers: options.workers }),
    queueDepth: options.queueDepth,
    warn: options.warn,
  });
  gateway.mount("/kubernetes", kubernetes.endpoint);
  return {
    // No certificate authority: the API is plain HTTP on loopback.
    address: { endpoint: `${gateway.origin}/kubernetes`, certificateAuthority: "" },
    apply: (manifest) => kubernetes.apply(manifest),
    // One token may do everything here: a real cluster is needed to see what RBAC denies.
    grantAccess: () => undefined,
    jobs: { loginOf: () => bearer(token), admit: (job) => job },
    close: () => kubernetes.close(),
  };
}

/** A cluster with nodes of its own, whose pods reach this machine by the gateway's `podOrigin`. */
export function clusterOfServer(server: KubernetesServer, options: PodClusterOptions): Promise<PodCluster> {
  const { gateway, credentials, sharedFolder } = options;
  return openRealCluster({
    server,
    surroundings: { origin: gateway.podOrigin, environment: credentials, sharedFolder },
    workers: options.workers,
    queueDepth: options.queueDepth,
    warn: options.warn,
  });
}
