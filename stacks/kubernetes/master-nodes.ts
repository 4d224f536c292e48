import { Construct } from "constructs";
import type { GridNamespace } from "./grid-namespace.ts";
import { MASTER_APP } from "./names.ts";
import { type NodeBase, NodeClass } from "./node-class.ts";
import { nodePool } from "./node-pool.ts";

interface MasterNodesProps {
  readonly namespace: GridNamespace;
  readonly base: NodeBase;
  /** One of each zone. */
  readonly subnets: readonly string[];
  readonly instanceTypes: readonly string[];
}

/** As the master's manifest in state-machines/grid-job.asl.json says. */
const MASTER_GRACE_SECONDS = 30;

/** More nodes for masters when the system nodes are full: on demand, over all zones. */
export class MasterNodes extends Construct {
  constructor(scope: Construct, id: string, { namespace, base, subnets, instanceTypes }: MasterNodesProps) {
    super(scope, id);
    const nodeClass = new NodeClass(this, "Class", { namespace, name: MASTER_APP, base, subnets });
    namespace
      .applyToCluster(
        this,
        "Manifest",
        nodePool({
          name: MASTER_APP,
          nodeClass: nodeClass.name,
          instanceTypes,
          capacity: "on-demand",
          graceSeconds: MASTER_GRACE_SECONDS,
        }),
      )
      .node.addDependency(nodeClass);
  }
}
