import type { Cluster } from "aws-cdk-lib/aws-eks-v2";
import { Construct, type IDependable } from "constructs";
import { CHARTS, mirrored, PinnedChart } from "./charts.ts";

interface DevicePluginsProps {
  readonly cluster: Cluster;
  readonly mirror: string | undefined;
  /** Nodes and add-ons, without which no pod runs. */
  readonly after: IDependable;
}

/** Also on nodes that a pool keeps for itself. */
const EVERY_NODE = [{ operator: "Exists" }];

/**
 * What makes GPUs and Elastic Fabric Adapters something that a pod can ask for. Both run only on nodes that have the device, so a
 * cluster without such pools runs none of them, and a new pool needs no change here.
 */
export class DevicePlugins extends Construct {
  constructor(scope: Construct, id: string, { cluster, mirror, after }: DevicePluginsProps) {
    super(scope, id);
    new PinnedChart(this, "Nvidia", {
      cluster,
      chart: CHARTS.nvidiaDevicePlugin,
      mirror,
      after: [after],
      values: {
        tolerations: EVERY_NODE,
        ...mirrored(mirror, (registry) => ({ image: { repository: `${registry}/nvidia/k8s-device-plugin` } })),
      },
    });
    new PinnedChart(this, "Efa", {
      cluster,
      chart: CHARTS.efaDevicePlugin,
      mirror,
      after: [after],
      values: {
        tolerations: EVERY_NODE,
        ...mirrored(mirror, (registry) => ({ image: { repository: `${registry}/eks/aws-efa-k8s-device-plugin` } })),
      },
    });
  }
}
