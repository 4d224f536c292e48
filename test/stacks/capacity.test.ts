import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capacityShare } from "#stacks/kubernetes/capacity-share.ts";
import { vcpusOf, workersPerNode } from "#stacks/kubernetes/instance-size.ts";
import { namespaceQuota } from "#stacks/kubernetes/namespace-quota.ts";

describe("the share of spot", () => {
  it.each([
    [70, 7, 3],
    [50, 1, 1],
    [80, 4, 1],
    [0, 0, 1],
    [100, 1, 0],
  ])("of %d %% is %d values to %d", (percent, spot, onDemand) => {
    const share = capacityShare(percent);
    expect([share.spot.length, share.onDemand.length]).toEqual([spot, onDemand]);
  });

  it("is what even spreading gives, and no value stands for both", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), (tens) => {
        const { spot, onDemand } = capacityShare(tens * 10);
        expect(spot.length / (spot.length + onDemand.length)).toBeCloseTo(tens / 10);
        expect(new Set([...spot, ...onDemand]).size).toBe(spot.length + onDemand.length);
      }),
    );
  });
});

describe("workers on a node", () => {
  it.each([
    ["m7i.large", 2],
    ["c7i.xlarge", 4],
    ["c7i.2xlarge", 8],
    ["p5.48xlarge", 192],
    ["c7i.metal-24xl", 96],
    ["c7i.metal", undefined],
    ["nonsense", undefined],
  ])("%s has %s vCPUs", (type, vcpus) => expect(vcpusOf(type)).toBe(vcpus));

  it("are as many as the smallest type holds", () => {
    expect(workersPerNode(["c7i.4xlarge", "c6i.2xlarge", "c7i.metal"], 1.5)).toBe(5);
  });

  it("are one at least, and one where no type says its size", () => {
    expect(workersPerNode(["m7i.large"], 16)).toBe(1);
    expect(workersPerNode(["c7i.metal"], 1)).toBe(1);
  });
});

describe("the namespace's quota", () => {
  it("adds up what all groups ask for, twice", () => {
    const groups = [
      { pods: 10, requests: { cpu: "500m", memory: "512Mi" }, limit: "1Gi" },
      { pods: 3, requests: { cpu: "2", memory: "4Gi", gpu: 2 }, limit: "4Gi" },
    ];
    expect(namespaceQuota(groups)).toMatchObject({
      pods: "26",
      "requests.cpu": "22",
      "requests.memory": `${2 * (10 * 512 + 3 * 4096)}Mi`,
      "limits.memory": `${2 * (10 * 1024 + 3 * 4096)}Mi`,
      "requests.nvidia.com/gpu": "12",
    });
  });
});
