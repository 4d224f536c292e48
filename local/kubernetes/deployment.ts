import { createHash } from "node:crypto";
import { afterCrash, NO_CRASH } from "./backoff.ts";
import { type KubernetesObject, type Objects, ownerOf } from "./objects.ts";
import type { Pod, PodEnd } from "./pod.ts";
import type { Pods } from "./pods.ts";
import { after } from "./time.ts";
import type { DeploymentSpec } from "./workload-fields.ts";

export interface DeploymentTools {
  readonly objects: Objects;
  readonly pods: Pods;
}

/** Keeps as many pods of a Deployment's template running as its `spec.replicas` says (1 when it says nothing). */
export class DeploymentRun {
  private readonly deployment: KubernetesObject;
  private readonly tools: DeploymentTools;
  private spec: DeploymentSpec;
  private templateHash: string;
  /** Pods whose process is there, oldest first. */
  private pods: Pod[] = [];
  private readonly hashes = new Map<Pod, string>();
  private crashes = NO_CRASH;
  private nextStartAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private over = false;

  constructor(deployment: KubernetesObject, spec: DeploymentSpec, tools: DeploymentTools) {
    this.deployment = deployment;
    this.tools = tools;
    this.spec = spec;
    this.templateHash = hashOf(spec.template);
    this.reconcile();
  }

  get replicas(): number {
    return this.spec.replicas ?? 1;
  }

  /** Takes a new spec; pods of another template are replaced, and the new ones need not wait for the crashes of the old. */
  update(spec: DeploymentSpec): void {
    this.spec = spec;
    const hash = hashOf(spec.template);
    if (hash !== this.templateHash) {
      this.templateHash = hash;
      this.crashes = NO_CRASH;
      this.nextStartAt = 0;
    }
    this.reconcile();
  }

  /** Ends all pods, unless they are to be left to themselves. */
  stop(orphan: boolean): void {
    this.over = true;
    clearTimeout(this.timer);
    if (!orphan) for (const pod of this.pods) this.tools.pods.remove(pod);
  }

  private reconcile(): void {
    if (this.over) return;
    clearTimeout(this.timer);
    // 1. Pods of an old template go.
    for (const pod of this.staying()) if (this.hashes.get(pod) !== this.templateHash) this.tools.pods.remove(pod);
    // 2. Too many: the newest go first, for they have the least work in hand.
    for (const pod of this.staying().slice(this.replicas)) this.tools.pods.remove(pod);
    // 3. Too few: start what is missing, now or when the wait after a crash is over.
    const wait = this.nextStartAt - Date.now();
    if (wait > 0) this.timer = after(wait, () => this.reconcile());
    else for (let missing = this.replicas - this.staying().length; missing > 0; missing--) this.startPod();
    this.reportStatus();
  }

  private staying(): Pod[] {
    return this.pods.filter((pod) => !pod.terminating);
  }

  private startPod(): void {
    const { template } = this.spec;
    const { name, namespace = "default" } = this.deployment.metadata;
    const pod = this.tools.pods.start({
      namespace,
      namePrefix: `${name}-${this.templateHash}`,
      owner: ownerOf(this.deployment),
      labels: { ...template.metadata?.labels, "pod-template-hash": this.templateHash },
      annotations: template.metadata?.annotations,
      spec: template.spec,
    });
    this.pods.push(pod);
    this.hashes.set(pod, this.templateHash);
    void pod.ended.then((end) => this.podEnded(pod, end));
  }

  private podEnded(pod: Pod, { livedMilliseconds }: PodEnd): void {
    this.pods = this.pods.filter((each) => each !== pod);
    this.hashes.delete(pod);
    this.tools.pods.remove(pod);
    if (!pod.terminating) {
      this.crashes = afterCrash(this.crashes, livedMilliseconds);
      this.nextStartAt = Date.now() + this.crashes.delayMilliseconds;
    }
    this.reconcile();
  }

  private reportStatus(): void {
    const running = this.staying().length;
    const available = running >= this.replicas ? "True" : "False";
    this.tools.objects.report(this.deployment, {
      observedGeneration: this.deployment.metadata.generation,
      replicas: running,
      updatedReplicas: running,
      readyReplicas: running,
      availableReplicas: running,
      unavailableReplicas: Math.max(0, this.replicas - running),
      conditions: [{ type: "Available", status: available }],
    });
  }
}

const hashOf = (template: object) => createHash("sha256").update(JSON.stringify(template)).digest("hex").slice(0, 10);
