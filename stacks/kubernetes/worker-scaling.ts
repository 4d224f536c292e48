import { Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import type { GridNamespace } from "./grid-namespace.ts";
import type { Pool, WorkerDeployment } from "./worker-deployment.ts";

interface WorkerScalingProps {
  readonly namespace: GridNamespace;
  readonly deployment: WorkerDeployment;
  readonly pool: Pool;
  readonly queueUrls: readonly string[];
}

/**
 * Workers follow the queues (KEDA): as many as have a message for each slot, between the pool's min and max. Messages in work
 * count too, or busy workers would be taken for idle ones.
 */
export class WorkerScaling extends Construct {
  constructor(scope: Construct, id: string, { namespace, deployment, pool, queueUrls }: WorkerScalingProps) {
    super(scope, id);
    const authentication = `${deployment.name}-queues`;
    namespace
      .apply(
        this,
        "Manifest",
        {
          apiVersion: "keda.sh/v1alpha1",
          kind: "TriggerAuthentication",
          metadata: { name: authentication },
          spec: { podIdentity: { provider: "aws", identityOwner: "keda" } },
        },
        {
          apiVersion: "keda.sh/v1alpha1",
          kind: "ScaledObject",
          metadata: { name: deployment.name },
          spec: {
            scaleTargetRef: { name: deployment.name },
            pollingInterval: 10,
            minReplicaCount: pool.min,
            maxReplicaCount: pool.max,
            triggers: queueUrls.map((queueURL) => ({
              type: "aws-sqs-queue",
              metadata: {
                queueURL,
                awsRegion: Stack.of(this).region,
                queueLength: String(pool.slots),
                scaleOnInFlight: "true",
              },
              authenticationRef: { name: authentication },
            })),
          },
        },
      )
      .node.addDependency(deployment);
  }
}
