import { Construct } from "constructs";
import type { GridNamespace } from "./grid-namespace.ts";
import { MASTER_PRIORITY, WORKER_PRIORITY } from "./names.ts";

/**
 * Who gets room first: masters, for a job without one stands still, then workers. Both rank below the cluster's own controllers and
 * Vault, and a worker ends no other pod to get room: Karpenter starts a node.
 */
export class Priorities extends Construct {
  constructor(scope: Construct, id: string, { namespace }: { readonly namespace: GridNamespace }) {
    super(scope, id);
    namespace.applyToCluster(
      this,
      "Manifest",
      priority(MASTER_PRIORITY, 1000, "PreemptLowerPriority", "Masters of the grid's jobs"),
      priority(WORKER_PRIORITY, 0, "Never", "Workers of the grid"),
    );
  }
}

const priority = (
  name: string,
  value: number,
  preemptionPolicy: "PreemptLowerPriority" | "Never",
  description: string,
) => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name },
  value,
  preemptionPolicy,
  description,
});
