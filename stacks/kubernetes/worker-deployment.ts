import { Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import type { Grid } from "#grid/config.ts";
import { ENV, FILES_FOLDER, IMAGE_FOLDER, SHARED_CLAIM, SHARED_MOUNT } from "#grid/names.ts";
import { capacityShare } from "./capacity-share.ts";
import type { GridNamespace } from "./grid-namespace.ts";
import { workersPerNode } from "./instance-size.ts";
import { POOL_LABEL, shareLabel, WORKER_APP, WORKER_PRIORITY, workerName } from "./names.ts";
import { quantityValue } from "./quantity.ts";
import { type Application, gracePeriodOf, workerResources } from "./worker-needs.ts";

export type Pool = Grid["pools"][string] & { readonly name: string };

interface WorkerDeploymentProps {
  readonly namespace: GridNamespace;
  readonly grid: string;
  readonly pool: Pool;
  readonly applications: readonly Application[];
  readonly image: string;
  readonly bucket: string;
}

/** The workers of a pool. KEDA sets how many there are. */
export class WorkerDeployment extends Construct {
  /** Of the Kubernetes Deployment. */
  readonly name: string;

  constructor(scope: Construct, id: string, props: WorkerDeploymentProps) {
    super(scope, id);
    this.name = workerName(props.pool.name);
    const labels = { "app.kubernetes.io/name": WORKER_APP, [POOL_LABEL]: props.pool.name };
    props.namespace.apply(this, "Manifest", {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: this.name, labels },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: this.podSpec(props, labels) },
      },
    });
  }

  private podSpec({ grid, pool, applications, image, bucket }: WorkerDeploymentProps, labels: Record<string, string>) {
    const env = {
      AWS_REGION: Stack.of(this).region,
      [ENV.grid]: grid,
      [ENV.bucket]: bucket,
      [ENV.pool]: pool.name,
      [ENV.slots]: String(pool.slots),
      [ENV.sharedFolder]: SHARED_MOUNT,
    };
    const resources = workerResources(applications, pool);
    return {
      serviceAccountName: this.name,
      priorityClassName: WORKER_PRIORITY,
      terminationGracePeriodSeconds: gracePeriodOf(applications),
      // As process 1 of a namespace of its own, a worker that has just begun would not notice SIGTERM: the kernel gives that process no
      // signal it does not handle yet.
      shareProcessNamespace: true,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      nodeSelector: { [POOL_LABEL]: pool.name },
      tolerations: [POOL_LABEL, ...Object.keys(resources.limits).filter((name) => name === "nvidia.com/gpu")].map(
        (key) => ({ key, operator: "Exists", effect: "NoSchedule" }),
      ),
      topologySpreadConstraints: spread(pool, resources.requests.cpu).map((constraint) => ({
        ...constraint,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: labels },
      })),
      containers: [
        {
          name: "worker",
          image,
          command: ["node", `${IMAGE_FOLDER}/worker.mjs`],
          workingDir: FILES_FOLDER,
          env: [
            ...Object.entries(env).map(([name, value]) => ({ name, value })),
            { name: ENV.podUid, valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
          ],
          resources,
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          volumeMounts: [
            { name: "shared", mountPath: SHARED_MOUNT },
            { name: "tmp", mountPath: "/tmp" },
          ],
        },
      ],
      volumes: [
        { name: "shared", persistentVolumeClaim: { claimName: SHARED_CLAIM } },
        { name: "tmp", emptyDir: {} },
      ],
    };
  }
}

/**
 * Over spot and on-demand capacity by the pool's share, and over zones where it has several. As many workers as a node holds may stand on
 * one side before the next goes to the other: a few workers do not cost a node each.
 */
function spread({ name, spotPercent, zones, instanceTypes }: Pool, cpu: string) {
  const maxSkew = workersPerNode(instanceTypes, quantityValue(cpu));
  const { spot, onDemand } = capacityShare(spotPercent);
  return [
    ...(spot.length > 0 && onDemand.length > 0 ? [{ topologyKey: shareLabel(name), maxSkew }] : []),
    ...(zones === "all" ? [{ topologyKey: "topology.kubernetes.io/zone", maxSkew }] : []),
  ];
}
