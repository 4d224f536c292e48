import type { Cluster } from "aws-cdk-lib/aws-eks-v2";
import { Construct, type IDependable } from "constructs";
import { CHARTS, mirrored, PinnedChart } from "./charts.ts";
import { PodIdentity } from "./pod-role.ts";

interface KedaProps {
  readonly cluster: Cluster;
  readonly mirror: string | undefined;
  /** Nodes and add-ons, without which no pod runs. */
  readonly after: IDependable;
}

const SERVICE_ACCOUNT = "keda-operator";
/** One of two replicas may be away, for a node that is replaced. */
const BUDGET = { maxUnavailable: 1 };
const REPLICAS = { replicaCount: 2 };

/** Sets how many workers each pool has. Whoever has queues lets `role` see how long they are. */
export class Keda extends Construct {
  /** Of its operator. */
  readonly roleName: string;

  constructor(scope: Construct, id: string, { cluster, mirror, after }: KedaProps) {
    super(scope, id);
    const identity = new PodIdentity(this, "Operator", {
      clusterName: cluster.clusterName,
      namespace: CHARTS.keda.namespace,
      serviceAccount: SERVICE_ACCOUNT,
    });
    this.roleName = identity.role.roleName;
    new PinnedChart(this, "Chart", {
      cluster,
      chart: CHARTS.keda,
      mirror,
      after: [after, identity],
      values: {
        operator: { name: SERVICE_ACCOUNT, ...REPLICAS },
        metricsServer: REPLICAS,
        webhooks: REPLICAS,
        serviceAccount: { operator: { name: SERVICE_ACCOUNT } },
        podDisruptionBudget: { operator: BUDGET, metricServer: BUDGET, webhooks: BUDGET },
        priorityClassName: "system-cluster-critical",
        image: { pullPolicy: "IfNotPresent" },
        logging: { operator: { format: "json" } },
        ...mirrored(mirror, (registry) => ({ global: { image: { registry } } })),
      },
    });
  }
}
