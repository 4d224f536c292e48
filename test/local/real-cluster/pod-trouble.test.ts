import { describe, expect, test } from "vitest";
import { troubleOf } from "#local/real-cluster/pod-trouble.ts";

const container = (state: object) => ({ status: { phase: "Pending", containerStatuses: [{ name: "worker", state }] } });

describe("a user is told of", () => {
  test.each([
    [
      "an image that is not there",
      container({ waiting: { reason: "ErrImagePull", message: "no such image" } }),
      "waits: ErrImagePull: no such image",
    ],
    [
      "a pod for which there is no room",
      {
        status: {
          phase: "Pending",
          conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" }],
        },
      },
      "waits for a node: 0/1 nodes",
    ],
    [
      "a container that failed",
      {
        status: {
          phase: "Failed",
          containerStatuses: [{ state: { terminated: { reason: "OOMKilled", exitCode: 137 } } }],
        },
      },
      "failed: OOMKilled, exit code 137",
    ],
    [
      "why one could not start",
      {
        status: {
          phase: "Failed",
          containerStatuses: [
            { state: { terminated: { reason: "StartError", exitCode: 128, message: "no node in $PATH" } } },
          ],
        },
      },
      "failed: StartError, exit code 128: no node in $PATH",
    ],
    [
      "a pod that was evicted",
      { status: { phase: "Failed", reason: "Evicted", message: "low on memory" } },
      "failed: Evicted: low on memory",
    ],
  ])("%s", (_, pod, trouble) => {
    expect(troubleOf(pod)).toBe(trouble);
  });
});

test("a pod that starts, runs or is done is none", () => {
  expect(troubleOf({})).toBeUndefined();
  expect(troubleOf(container({ waiting: { reason: "ContainerCreating" } }))).toBeUndefined();
  expect(troubleOf(container({ running: { startedAt: "now" } }))).toBeUndefined();
  expect(troubleOf({ status: { phase: "Succeeded" } })).toBeUndefined();
});
