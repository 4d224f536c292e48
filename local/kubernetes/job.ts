import { type Verdict, verdictOn } from "./job-policy.ts";
import { type KubernetesObject, type Objects, ownerOf } from "./objects.ts";
import type { Pod, PodEnd } from "./pod.ts";
import type { Pods } from "./pods.ts";
import { after, now } from "./time.ts";
import type { JobSpec } from "./workload-fields.ts";

export interface JobTools {
  readonly objects: Objects;
  readonly pods: Pods;
  /** Wait before a Job's second pod, doubled for each further one, in milliseconds. */
  readonly retryMilliseconds: number;
  /** Called when the Job's time to live is over. */
  expired(job: KubernetesObject): void;
}

/** Runs a Job: one pod after the other until one succeeds or the Job has failed. */
export class JobRun {
  private readonly job: KubernetesObject;
  private readonly spec: JobSpec;
  private readonly tools: JobTools;
  private readonly made: Pod[] = [];
  private timers: NodeJS.Timeout[] = [];
  private failures = 0;
  private running = false;
  private overdue = false;
  private over = false;

  constructor(job: KubernetesObject, spec: JobSpec, tools: JobTools) {
    this.job = job;
    this.spec = spec;
    this.tools = tools;
    const { activeDeadlineSeconds } = spec;
    this.report({ startTime: now() });
    if (activeDeadlineSeconds !== undefined) this.wait(activeDeadlineSeconds * 1000, () => this.meetDeadline());
    this.startPod();
  }

  /** Labels that lead from a Job to its pods. */
  static podLabels(job: KubernetesObject): Record<string, string> {
    const { name, uid } = job.metadata;
    return {
      "batch.kubernetes.io/controller-uid": uid,
      "batch.kubernetes.io/job-name": name,
      "controller-uid": uid,
      "job-name": name,
    };
  }

  /** Ends the Job's part: no further pods, and those there are removed or, when orphaned, left to themselves. */
  stop(orphan: boolean): void {
    this.over = true;
    this.clearTimers();
    if (orphan) return;
    for (const pod of this.made) this.tools.pods.remove(pod);
  }

  private startPod(): void {
    const { template } = this.spec;
    const pod = this.tools.pods.start({
      namespace: this.job.metadata.namespace ?? "default",
      namePrefix: this.job.metadata.name,
      owner: ownerOf(this.job),
      labels: { ...template.metadata?.labels, ...JobRun.podLabels(this.job) },
      annotations: template.metadata?.annotations,
      spec: template.spec,
    });
    this.made.push(pod);
    this.running = true;
    this.report({ active: 1, ready: 1, failed: this.failures });
    void pod.ended.then((end) => this.podEnded(end));
  }

  private podEnded({ exitCode }: PodEnd): void {
    if (this.over) return;
    this.running = false;
    const { spec, failures } = this;
    const verdict = this.overdue
      ? tooLate(failures + 1)
      : verdictOn({ spec, failures, exitCode, retryMilliseconds: this.tools.retryMilliseconds });
    if (verdict.is !== "retry") {
      this.finish(verdict);
      return;
    }
    this.failures = verdict.failures;
    this.report({ active: 0, ready: 0, failed: this.failures });
    this.wait(verdict.afterMilliseconds, () => this.startPod());
  }

  /** A pod that still runs ends first, so that a Job that has failed has no process. */
  private meetDeadline(): void {
    this.overdue = true;
    if (this.running) this.made.at(-1)?.terminate();
    else this.finish(tooLate(this.failures));
  }

  private finish(verdict: Exclude<Verdict, { is: "retry" }>): void {
    this.over = true;
    this.clearTimers();
    const at = now();
    const condition = { status: "True", lastProbeTime: at, lastTransitionTime: at };
    const counts = { active: 0, ready: 0 };
    if (verdict.is === "complete") {
      const conditions = [{ type: "Complete", ...condition, ...COMPLETED }];
      this.report({ ...counts, failed: this.failures, succeeded: 1, completionTime: at, conditions });
    } else {
      const { failures, reason, message } = verdict;
      this.report({ ...counts, failed: failures, conditions: [{ type: "Failed", ...condition, reason, message }] });
    }
    const { ttlSecondsAfterFinished } = this.spec;
    if (ttlSecondsAfterFinished !== undefined)
      this.wait(ttlSecondsAfterFinished * 1000, () => this.tools.expired(this.job));
  }

  private report(status: object): void {
    this.tools.objects.report(this.job, status);
  }

  private wait(milliseconds: number, act: () => void): void {
    this.timers.push(after(milliseconds, act));
  }

  private clearTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
  }
}

const COMPLETED = { reason: "CompletionsReached", message: "Reached expected number of succeeded pods" };

function tooLate(failures: number): Exclude<Verdict, { is: "retry" }> {
  return {
    is: "failed",
    failures,
    reason: "DeadlineExceeded",
    message: "Job was active longer than specified deadline",
  };
}
