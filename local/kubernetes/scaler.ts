import { desiredReplicas, isActive, type QueueDemand } from "./scaling.ts";
import { after, timestamp } from "./time.ts";
import type { ScaledObjectSpec } from "./workload-fields.ts";

/** KEDA's own defaults: https://keda.sh/docs/latest/reference/scaledobject-spec/ and scalers/aws-sqs/. */
const DEFAULTS = { minReplicas: 0, maxReplicas: 100, cooldownSeconds: 300, queueLength: 5, activationQueueLength: 0 };

/** The ScaledObject that a ScalerRun serves. */
interface Scaled {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  status?: unknown;
}

export interface ScalerTools {
  readonly cores: number;
  readonly workers?: number;
  readonly pollMilliseconds: number;
  /** Messages of a queue, visible and in flight. */
  queueDepth(queueUrl: string): Promise<number>;
  /** Replicas of a Deployment, or undefined when there is none of that name. */
  replicasOf(namespace: string, deployment: string): number | undefined | Promise<number | undefined>;
  scale(namespace: string, deployment: string, replicas: number): void | Promise<void>;
  warn(message: string): void;
}

/** Sets the replicas of the Deployment that a ScaledObject points to, by the depth of its queues. */
export class ScalerRun {
  private readonly object: Scaled;
  private readonly tools: ScalerTools;
  private spec: ScaledObjectSpec;
  private lastActiveAt: number | undefined;
  private lastTrouble = "";
  private timer: NodeJS.Timeout | undefined;
  private over = false;

  constructor(object: Scaled, spec: ScaledObjectSpec, tools: ScalerTools) {
    this.object = object;
    this.spec = spec;
    this.tools = tools;
    void this.poll();
  }

  update(spec: ScaledObjectSpec): void {
    this.spec = spec;
  }

  stop(): void {
    this.over = true;
    clearTimeout(this.timer);
  }

  private async poll(): Promise<void> {
    try {
      const queues = await Promise.all(this.spec.triggers.map((trigger) => this.demandOf(trigger)));
      if (this.over) return;
      await this.scaleFor(queues);
      this.lastTrouble = "";
    } catch (error) {
      this.tellOnce(error instanceof Error ? error.message : String(error));
    }
    if (!this.over) this.timer = after(this.tools.pollMilliseconds, () => void this.poll());
  }

  private async demandOf({ metadata }: ScaledObjectSpec["triggers"][number]): Promise<QueueDemand> {
    const { queueURL, queueLength, activationQueueLength } = metadata;
    return {
      depth: await this.tools.queueDepth(queueURL),
      queueLength: Number(queueLength ?? DEFAULTS.queueLength),
      activationQueueLength: Number(activationQueueLength ?? DEFAULTS.activationQueueLength),
    };
  }

  private async scaleFor(queues: readonly QueueDemand[]): Promise<void> {
    const { scaleTargetRef, minReplicaCount, maxReplicaCount, cooldownPeriod } = this.spec;
    const { namespace = "default" } = this.object.metadata;
    const current = await this.tools.replicasOf(namespace, scaleTargetRef.name);
    if (current === undefined) throw new Error(`there is no Deployment ${namespace}/${scaleTargetRef.name} to scale`);
    const now = Date.now();
    const active = isActive(queues);
    if (active) this.lastActiveAt = now;
    const replicas = desiredReplicas({
      queues,
      minReplicas: minReplicaCount ?? DEFAULTS.minReplicas,
      maxReplicas: maxReplicaCount ?? DEFAULTS.maxReplicas,
      cores: this.tools.cores,
      workers: this.tools.workers,
      current,
      lastActiveAt: this.lastActiveAt,
      now,
      cooldownSeconds: cooldownPeriod ?? DEFAULTS.cooldownSeconds,
    });
    if (replicas !== current && !this.over) await this.tools.scale(namespace, scaleTargetRef.name, replicas);
    // Not by `report`: a new resourceVersion several times a second would tell nobody anything.
    this.object.status = {
      ...(this.lastActiveAt === undefined ? {} : { lastActiveTime: timestamp(this.lastActiveAt) }),
      conditions: [
        { type: "Ready", status: "True" },
        { type: "Active", status: active ? "True" : "False" },
      ],
    };
  }

  /** A queue or Deployment that is not there yet would else be told several times a second. */
  private tellOnce(trouble: string): void {
    if (trouble === this.lastTrouble || this.over) return;
    this.lastTrouble = trouble;
    const { namespace, name } = this.object.metadata;
    this.tools.warn(`ScaledObject ${namespace}/${name} cannot scale: ${trouble}`);
  }
}
