import type { Findings } from "../kubernetes/fields.ts";
import { read } from "../kubernetes/fields.ts";
import { ScalerRun } from "../kubernetes/scaler.ts";
import { scaledObjectSpec } from "../kubernetes/workload-fields.ts";
import { below, type Manifest, nameOf } from "./fields.ts";
import type { ClusterObjects } from "./objects.ts";

/** How often the depth of queues is looked at. */
const POLL_MS = 500;

export interface WorkersOptions {
  readonly objects: ClusterObjects;
  /** Replicas of each ScaledObject at most, in place of its `maxReplicaCount`. */
  readonly workers?: number | undefined;
  /** Messages of a queue, visible and in flight. */
  queueDepth(queueUrl: string): Promise<number>;
  warn(message: string): void;
}

/** Sets the replicas of Deployments as their ScaledObjects say: KEDA cannot see the queues of this process. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #runs = new Map<string, ScalerRun>();
  readonly #deployments = new Map<string, { readonly namespace: string; readonly name: string }>();

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** @throws Error naming the fields that are not honoured. */
  follow(object: Manifest): void {
    const findings: Findings = { causes: [], ignored: [] };
    const spec = read(scaledObjectSpec, object["spec"], "spec", findings);
    if (spec === undefined || findings.causes.length > 0) {
      throw new Error(
        `${nameOf(object)}: ${findings.causes.map(({ field, message }) => `${field}: ${message}`).join("; ")}`,
      );
    }
    const { namespace = "default" } = object.metadata;
    this.#deployments.set(nameOf(object), { namespace, name: spec.scaleTargetRef.name });
    const known = this.#runs.get(nameOf(object));
    if (known !== undefined) {
      known.update(spec);
      return;
    }
    const { objects, workers, queueDepth, warn } = this.#options;
    const run = new ScalerRun(object, spec, {
      // The cluster has cores of its own, and pods that find none wait there.
      cores: Number.POSITIVE_INFINITY,
      ...(workers !== undefined && { workers }),
      pollMilliseconds: POLL_MS,
      queueDepth,
      replicasOf: async (namespace, name) => replicasOf(await objects.get(pathOf(namespace, name))),
      scale: (namespace, name, replicas) => this.#scale(namespace, name, replicas),
      warn,
    });
    this.#runs.set(nameOf(object), run);
  }

  /** No Deployment is scaled up any more; all are scaled to nothing. */
  async stop(): Promise<void> {
    for (const run of this.#runs.values()) run.stop();
    await Promise.all([...this.#deployments.values()].map(({ namespace, name }) => this.#scale(namespace, name, 0)));
  }

  async #scale(namespace: string, name: string, replicas: number): Promise<void> {
    await this.#options.objects.call({
      method: "PATCH",
      path: `${pathOf(namespace, name)}/scale`,
      body: { spec: { replicas } },
      contentType: "application/merge-patch+json",
    });
  }
}

const pathOf = (namespace: string, deployment: string) =>
  `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`;

function replicasOf(deployment: Readonly<Record<string, unknown>> | undefined): number | undefined {
  return deployment === undefined ? undefined : Number(below(deployment, "spec")["replicas"] ?? 1);
}
