import { Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import type { Grid } from "#grid/config.ts";
import { ENV, FILES_FOLDER, IMAGE_FOLDER, SHARED_CLAIM, SHARED_MOUNT, WORKER_SERVICE_ACCOUNT } from "#grid/names.ts";
import type { GridNamespace } from "./grid-namespace.ts";
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
    this.name = `grid-worker-${props.pool.name}`;
    const labels = { "app.kubernetes.io/name": "grid-worker", "burstgrid/pool": props.pool.name };
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
    return {
      serviceAccountName: WORKER_SERVICE_ACCOUNT,
      terminationGracePeriodSeconds: gracePeriodOf(applications),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: labels },
        },
      ],
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
          resources: workerResources(applications),
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
