import { describe, expect, test } from "vitest";
import { afterCrash, NO_CRASH } from "#local/kubernetes/backoff.ts";
import { verdictOn } from "#local/kubernetes/job-policy.ts";
import type { JobSpec } from "#local/kubernetes/workload-fields.ts";

const template: JobSpec["template"] = {
  spec: { containers: [{ name: "main", image: "app:1", command: ["run"] }], restartPolicy: "Never" },
};
const verdict = (exitCode: number, failures = 0, spec: Partial<JobSpec> = {}) =>
  verdictOn({ spec: { template, ...spec }, failures, exitCode, retryMilliseconds: 1_000 });

describe("what becomes of a Job when its pod has ended", () => {
  test("success completes it", () => {
    expect(verdict(0, 5)).toEqual({ is: "complete" });
  });

  test("a failure is tried again, each wait twice the last, six minutes at most", () => {
    const waits = [0, 1, 2, 30].map((failures) => verdict(1, failures, { backoffLimit: 99 }));
    expect(waits.map((each) => each.is === "retry" && each.afterMilliseconds)).toEqual([1_000, 2_000, 4_000, 360_000]);
  });

  test("one failure more than backoffLimit (6 when not given) is the end", () => {
    expect(verdict(1, 5)).toMatchObject({ is: "retry", failures: 6 });
    expect(verdict(1, 6)).toMatchObject({ is: "failed", failures: 7, reason: "BackoffLimitExceeded" });
    expect(verdict(1, 0, { backoffLimit: 0 })).toMatchObject({ is: "failed", failures: 1 });
  });

  test("the first rule that fits the exit code decides", () => {
    const rules: NonNullable<JobSpec["podFailurePolicy"]>["rules"] = [
      { action: "FailJob", onPodConditions: [{ type: "DisruptionTarget" }] },
      { action: "FailJob", onExitCodes: { containerName: "other", operator: "In", values: [3] } },
      { action: "Ignore", onExitCodes: { operator: "In", values: [3, 4] } },
      { action: "Count", onExitCodes: { containerName: "main", operator: "In", values: [5] } },
      { action: "FailJob", onExitCodes: { operator: "NotIn", values: [6] } },
    ];
    const spec = { podFailurePolicy: { rules }, backoffLimit: 2 };
    expect(verdict(3, 2, spec)).toMatchObject({ is: "retry", failures: 2 });
    expect(verdict(5, 0, spec)).toMatchObject({ is: "retry", failures: 1 });
    expect(verdict(5, 2, spec)).toMatchObject({ is: "failed", reason: "BackoffLimitExceeded" });
    expect(verdict(7, 0, spec)).toMatchObject({ is: "failed", failures: 1, reason: "PodFailurePolicy" });
    expect(verdict(6, 0, spec)).toMatchObject({ is: "retry", failures: 1 });
  });
});

describe("the wait before a pod of a Deployment is replaced", () => {
  test("doubles from 1 s to 30 s while pods end soon, and is gone once one has lived for 10 s", () => {
    const waits: number[] = [];
    let crashes = NO_CRASH;
    for (let pod = 0; pod < 7; pod++) {
      crashes = afterCrash(crashes, 9_999);
      waits.push(crashes.delayMilliseconds / 1_000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
    crashes = afterCrash(crashes, 10_000);
    expect(crashes).toEqual(NO_CRASH);
    expect(afterCrash(crashes, 0).delayMilliseconds).toBe(1_000);
  });
});
