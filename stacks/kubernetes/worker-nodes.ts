import { CfnPlacementGroup } from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";
import { capacityShare } from "./capacity-share.ts";
import type { GridNamespace } from "./grid-namespace.ts";
import { POOL_LABEL, shareLabel, workerName } from "./names.ts";
import { type NodeBase, NodeClass } from "./node-class.ts";
import { type NodePoolProps, nodePool } from "./node-pool.ts";
import type { Pool } from "./worker-deployment.ts";

interface WorkerNodesProps {
  readonly namespace: GridNamespace;
  readonly pool: Pool;
  readonly base: NodeBase;
  readonly subnets: readonly string[];
  /** Of the pool's workers, in seconds. */
  readonly graceSeconds: number;
}

const GPU = "nvidia.com/gpu";
/** By this label the device plugin finds its nodes. */
const GPU_PRESENT = "nvidia.com/gpu.present";

/**
 * The nodes of a pool, for its workers alone: a NodePool on spot and one on demand, between which workers spread by the share label. Spot
 * has the higher weight; where it is short, Karpenter lets go of the spread and starts nodes on demand.
 */
export class WorkerNodes extends Construct {
  constructor(scope: Construct, id: string, { namespace, pool, base, subnets, graceSeconds }: WorkerNodesProps) {
    super(scope, id);
    const name = workerName(pool.name);
    const nodeClass = new NodeClass(this, "Class", {
      namespace,
      name,
      base,
      subnets,
      placementGroup: pool.placementGroup
        ? new CfnPlacementGroup(this, "PlacementGroup", { strategy: "cluster" }).ref
        : undefined,
    });
    const gpu = pool.gpu > 0;
    const common = {
      nodeClass: nodeClass.name,
      instanceTypes: pool.instanceTypes,
      taints: [
        { key: POOL_LABEL, value: pool.name, effect: "NoSchedule" },
        ...(gpu ? [{ key: GPU, effect: "NoSchedule" } as const] : []),
      ],
      graceSeconds,
    } as const satisfies Partial<NodePoolProps>;
    const labels = (share: readonly string[]) => ({
      [POOL_LABEL]: [pool.name],
      [shareLabel(pool.name)]: share,
      ...(gpu && { [GPU_PRESENT]: ["true"] }),
    });

    const { spot, onDemand } = capacityShare(pool.spotPercent);
    const nodePools = [
      { capacity: "spot", weight: 20, share: spot },
      { capacity: "on-demand", weight: 10, share: onDemand },
    ] as const;
    namespace
      .applyToCluster(
        this,
        "Manifest",
        ...nodePools
          .filter(({ share }) => share.length > 0)
          .map(({ capacity, weight, share }) =>
            nodePool({ ...common, name: `${name}-${capacity}`, capacity, weight, labels: labels(share) }),
          ),
      )
      .node.addDependency(nodeClass);
  }
}
