import { Construct } from "constructs";
import type { GridNamespace } from "./grid-namespace.ts";
import { POOL_LABEL, WORKER_APP, workerName } from "./names.ts";

interface WorkerDisruptionProps {
  readonly namespace: GridNamespace;
  readonly pool: string;
}

/** How many of a pool's workers may be drained at a time, when nodes are replaced. A lone worker may. */
const MOST_AWAY = "25%";

/** The PodDisruptionBudget of a pool. */
export class WorkerDisruption extends Construct {
  constructor(scope: Construct, id: string, { namespace, pool }: WorkerDisruptionProps) {
    super(scope, id);
    namespace.apply(this, "Manifest", {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: workerName(pool) },
      spec: {
        maxUnavailable: MOST_AWAY,
        selector: { matchLabels: { "app.kubernetes.io/name": WORKER_APP, [POOL_LABEL]: pool } },
      },
    });
  }
}
