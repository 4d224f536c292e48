/** Names of Kubernetes objects that several manifests must agree on. */

/** A pool's Deployment, ScaledObject, service account, PodDisruptionBudget and EC2NodeClass all have this name. */
export const workerName = (pool: string) => `grid-worker-${pool}`;

/** Label and taint of the nodes that a pool has for itself. */
export const POOL_LABEL = "burstgrid/pool";

/**
 * Label of a pool's nodes by which its workers spread over spot and on-demand capacity. One for each pool: Karpenter counts with every value
 * that any NodePool has for a label.
 */
export const shareLabel = (pool: string) => `burstgrid/share-${pool}`;

/** Value of `app.kubernetes.io/name` on masters and workers. */
export const MASTER_APP = "grid-master";
export const WORKER_APP = "grid-worker";

/** PriorityClasses. The state machine's definition names that of masters. */
export const MASTER_PRIORITY = "grid-master";
export const WORKER_PRIORITY = "grid-worker";
