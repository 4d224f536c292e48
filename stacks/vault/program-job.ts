import { createHash } from "node:crypto";
import { programPod } from "./program-pod.ts";

type ProgramPod = Parameters<typeof programPod>[0];

/** Vault may still be starting: Kubernetes tries again with growing pauses, for some hours. */
const RETRIES = 20;

interface ProgramJobInput {
  readonly pod: ProgramPod;
  /** What makes it another Job: Kubernetes changes none, so a new version is a Job of another name in place of the old. */
  readonly version: readonly string[];
}

/** A program that runs once a version. */
export const programJob = ({ pod, version }: ProgramJobInput) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: `vault-${pod.program}-${digest(version)}` },
  spec: { backoffLimit: RETRIES, template: programPod(pod) },
});

interface ProgramScheduleInput {
  readonly pod: ProgramPod;
  /** Cron, in UTC. */
  readonly schedule: string;
}

/** A program that runs by the clock, never twice at a time. */
export const programSchedule = ({ pod, schedule }: ProgramScheduleInput) => ({
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: { name: `vault-${pod.program}` },
  spec: {
    schedule,
    timeZone: "Etc/UTC",
    concurrencyPolicy: "Forbid",
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: { spec: { backoffLimit: 3, activeDeadlineSeconds: 600, template: programPod(pod) } },
  },
});

const digest = (version: readonly string[]) =>
  createHash("sha256").update(JSON.stringify(version)).digest("hex").slice(0, 10);
