import { NODE_NAME, onlyContainer, POD_IP } from "./container.ts";
import type { KubernetesObject } from "./objects.ts";
import type { PodSpec } from "./pod-fields.ts";
import type { ContainerProcess, ProcessEnd } from "./process.ts";
import { after, timestamp } from "./time.ts";

export interface PodEnd extends ProcessEnd {
  readonly livedMilliseconds: number;
}

const DEFAULT_GRACE_SECONDS = 30;

/** A pod and its process. It ends once and is never restarted: its owner starts another. */
export class Pod {
  readonly object: KubernetesObject;
  readonly spec: PodSpec;
  /** File of the pod's stdout and stderr. */
  readonly log: string;
  /** Resolves when the process is gone and the pod's status says how. */
  readonly ended: Promise<PodEnd>;
  /** Resolves when whatever the process left behind is gone too. */
  readonly left: Promise<void>;
  private readonly process: ContainerProcess;
  private readonly startedAt = Date.now();
  private leaving = false;
  private gone = false;

  constructor(o: {
    object: KubernetesObject;
    spec: PodSpec;
    log: string;
    process: ContainerProcess;
    report(status: object): void;
  }) {
    this.object = o.object;
    this.spec = o.spec;
    this.log = o.log;
    this.process = o.process;
    this.left = o.process.left;
    o.report(this.runningStatus());
    this.ended = o.process.ended.then((end) => {
      this.gone = true;
      o.report(this.endedStatus(end));
      return { ...end, livedMilliseconds: Date.now() - this.startedAt };
    });
  }

  get name(): string {
    return this.object.metadata.name;
  }

  /** Whether it was told to end. */
  get terminating(): boolean {
    return this.leaving;
  }

  /** Seconds from SIGTERM to SIGKILL. */
  get graceSeconds(): number {
    return this.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  }

  /** SIGTERM, and SIGKILL to all it started once the grace is over. A grace of 0 is SIGKILL at once. */
  terminate(graceSeconds = this.graceSeconds): void {
    if (this.gone) return;
    const first = !this.leaving;
    this.leaving = true;
    if (first) this.object.metadata.deletionTimestamp = timestamp(Date.now() + graceSeconds * 1000);
    if (graceSeconds === 0) {
      this.process.kill();
      return;
    }
    if (first) this.process.terminate();
    const timer = after(graceSeconds * 1000, () => this.process.kill());
    void this.ended.then(() => clearTimeout(timer));
  }

  private runningStatus(): object {
    const startedAt = timestamp(this.startedAt);
    return {
      phase: "Running",
      hostIP: POD_IP,
      podIP: POD_IP,
      nodeName: NODE_NAME,
      startTime: startedAt,
      conditions: conditions("True"),
      containerStatuses: [this.containerStatus({ running: { startedAt } }, true)],
    };
  }

  private endedStatus({ exitCode, signal, error }: ProcessEnd): object {
    const terminated = {
      exitCode,
      ...(signal === undefined ? {} : { signal: exitCode - 128 }),
      reason: error !== undefined ? "StartError" : exitCode === 0 ? "Completed" : "Error",
      ...(error === undefined ? {} : { message: error }),
      startedAt: timestamp(this.startedAt),
      finishedAt: timestamp(Date.now()),
    };
    return {
      phase: exitCode === 0 ? "Succeeded" : "Failed",
      conditions: conditions("False"),
      containerStatuses: [this.containerStatus({ terminated }, false)],
    };
  }

  private containerStatus(state: object, running: boolean): object {
    const { name, image } = onlyContainer(this.spec);
    return {
      name,
      image,
      imageID: "",
      containerID: `process://${this.process.id ?? ""}`,
      ready: running,
      started: running,
      restartCount: 0,
      lastState: {},
      state,
    };
  }
}

const conditions = (status: "True" | "False") => ["Ready", "ContainersReady"].map((type) => ({ type, status }));
