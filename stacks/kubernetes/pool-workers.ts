import type { IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { GridPool } from "../grid-stack.ts";
import type { GridNamespace } from "./grid-namespace.ts";
import { workerName } from "./names.ts";
import type { NodeBase } from "./node-class.ts";
import { ServiceAccount } from "./service-account.ts";
import { type Pool, WorkerDeployment } from "./worker-deployment.ts";
import { WorkerDisruption } from "./worker-disruption.ts";
import { type Application, gracePeriodOf } from "./worker-needs.ts";
import { WorkerNodes } from "./worker-nodes.ts";
import { WorkerScaling } from "./worker-scaling.ts";

interface PoolWorkersProps extends GridPool {
  readonly namespace: GridNamespace;
  readonly grid: string;
  readonly pool: Pool;
  /** Those that the pool serves. */
  readonly applications: readonly Application[];
  readonly bucket: string;
  readonly nodes: NodeBase;
  /** Ids of the subnets where its nodes may start. */
  readonly subnets: readonly string[];
}

/** A pool in the cluster: an identity that reads its own queues alone, workers, how many there are, and the nodes they run on. */
export class PoolWorkers extends Construct {
  readonly identity: IGrantable;

  constructor(scope: Construct, id: string, props: PoolWorkersProps) {
    super(scope, id);
    const { namespace, pool, queues, applications } = props;
    this.identity = new ServiceAccount(this, "Identity", { namespace, name: workerName(pool.name) });
    queues.grantWork(this.identity);
    const deployment = new WorkerDeployment(this, "Workers", {
      namespace,
      grid: props.grid,
      pool,
      applications,
      image: props.image.uriIn(this),
      bucket: props.bucket,
    });
    new WorkerScaling(this, "Scaling", { namespace, deployment, pool, queueUrls: queues.urls });
    new WorkerDisruption(this, "Disruption", { namespace, pool: pool.name });
    new WorkerNodes(this, "Nodes", {
      namespace,
      pool,
      base: props.nodes,
      subnets: props.subnets,
      graceSeconds: gracePeriodOf(applications),
    });
  }
}
