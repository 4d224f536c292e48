import type { JobSpec } from "./workload-fields.ts";

/** Kubernetes' own default of `backoffLimit`. */
const DEFAULT_BACKOFF_LIMIT = 6;
/** Kubernetes' own longest wait between two pods of a Job. */
const LONGEST_RETRY_MILLISECONDS = 360_000;

export interface Attempt {
  readonly spec: JobSpec;
  /** Failures counted so far, this one not among them. */
  readonly failures: number;
  readonly exitCode: number;
  /** Wait before the second pod; doubled for each further one. */
  readonly retryMilliseconds: number;
}

export type Verdict =
  | { readonly is: "complete" }
  | { readonly is: "failed"; readonly failures: number; readonly reason: string; readonly message: string }
  | { readonly is: "retry"; readonly failures: number; readonly afterMilliseconds: number };

/** What becomes of a Job when its pod has ended. */
export function verdictOn({ spec, failures: before, exitCode, retryMilliseconds }: Attempt): Verdict {
  if (exitCode === 0) return { is: "complete" };
  const rule = ruleFor(spec, exitCode);
  if (rule?.action === "Ignore") return { is: "retry", failures: before, afterMilliseconds: retryMilliseconds };
  const failures = before + 1;
  if (rule?.action === "FailJob") {
    const message = `Container ${containerName(spec)} failed with exit code ${exitCode} matching FailJob rule at index ${rule.index}`;
    return { is: "failed", failures, reason: "PodFailurePolicy", message };
  }
  if (failures > (spec.backoffLimit ?? DEFAULT_BACKOFF_LIMIT)) {
    const message = "Job has reached the specified backoff limit";
    return { is: "failed", failures, reason: "BackoffLimitExceeded", message };
  }
  const afterMilliseconds = Math.min(retryMilliseconds * 2 ** before, LONGEST_RETRY_MILLISECONDS);
  return { is: "retry", failures, afterMilliseconds };
}

/** The first rule that fits the exit code, as in Kubernetes. */
function ruleFor(spec: JobSpec, exitCode: number) {
  for (const [index, { action, onExitCodes }] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    if (onExitCodes === undefined) continue;
    const { operator, values, containerName: only } = onExitCodes;
    if (only !== undefined && only !== containerName(spec)) continue;
    if (values.includes(exitCode) === (operator === "In")) return { action, index };
  }
  return undefined;
}

const containerName = (spec: JobSpec) => spec.template.spec.containers[0]?.name ?? "";
