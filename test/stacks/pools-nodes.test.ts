import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KubernetesObject, kubernetesObjects } from "./kubernetes-objects.ts";
import { type SynthesizedFixture, synthesizeFixture } from "./synthesize-fixture.ts";

let plain: SynthesizedFixture;
let fast: SynthesizedFixture;
beforeAll(async () => {
  plain = await synthesizeFixture("test/fixtures/configs/default.config.ts");
  fast = await synthesizeFixture("test/fixtures/configs/gpu-spot.config.ts");
});
afterAll(async () => {
  await plain[Symbol.asyncDispose]();
  await fast[Symbol.asyncDispose]();
});

const named = ({ pools }: SynthesizedFixture, kind: string, name: string): KubernetesObject =>
  kubernetesObjects(pools).find((object) => object.kind === kind && object.metadata.name === name)!;
const nodePools = ({ pools }: SynthesizedFixture) =>
  kubernetesObjects(pools)
    .filter(({ kind }) => kind === "NodePool")
    .map(({ metadata }) => metadata.name);
const requirement = (nodePool: KubernetesObject, key: string): string[] | undefined =>
  nodePool["spec"].template.spec.requirements.find((each: { key: string }) => each.key === key)?.values;
const workers = (fixture: SynthesizedFixture, pool: string) =>
  named(fixture, "Deployment", `grid-worker-${pool}`)["spec"].template.spec;

describe("capacity", () => {
  it("is spot first and on demand after, seven to three by default", () => {
    const spot = named(plain, "NodePool", "grid-worker-general-spot");
    const onDemand = named(plain, "NodePool", "grid-worker-general-on-demand");
    expect(spot["spec"].weight).toBeGreaterThan(onDemand["spec"].weight);
    expect(requirement(spot, "karpenter.sh/capacity-type")).toEqual(["spot"]);
    expect(requirement(onDemand, "karpenter.sh/capacity-type")).toEqual(["on-demand"]);
    expect(requirement(spot, "burstgrid/share-general")).toHaveLength(7);
    expect(requirement(onDemand, "burstgrid/share-general")).toHaveLength(3);
  });

  it("workers spread over both by the share label, which gives way where spot is short", () => {
    const [spread] = workers(plain, "general").topologySpreadConstraints;
    expect(spread).toMatchObject({ topologyKey: "burstgrid/share-general", whenUnsatisfiable: "ScheduleAnyway" });
  });

  it("of one kind needs one NodePool and no spread", () => {
    expect(nodePools(fast).filter((name) => name.startsWith("grid-worker-"))).toEqual([
      "grid-worker-general-spot",
      "grid-worker-gpu-spot",
      "grid-worker-gpu-on-demand",
      "grid-worker-coupled-on-demand",
    ]);
    expect(workers(fast, "general").topologySpreadConstraints).toEqual([]);
  });

  it("is any of the instance types that the pool lists", () => {
    expect(
      requirement(named(fast, "NodePool", "grid-worker-general-spot"), "node.kubernetes.io/instance-type"),
    ).toEqual(["c7i.2xlarge", "c7a.2xlarge", "c6i.2xlarge", "m7i.2xlarge"]);
  });

  it("goes when it is empty, never with a task on it", () => {
    for (const fixture of [plain, fast]) {
      for (const name of nodePools(fixture)) {
        expect(named(fixture, "NodePool", name)["spec"].disruption).toMatchObject({ consolidationPolicy: "WhenEmpty" });
      }
    }
  });

  it("waits for a draining worker longer than the worker itself may take", () => {
    const { terminationGracePeriod } = named(plain, "NodePool", "grid-worker-general-spot")["spec"].template.spec;
    expect(Number(terminationGracePeriod.replace("s", ""))).toBeGreaterThan(
      workers(plain, "general").terminationGracePeriodSeconds,
    );
  });
});

describe("nodes of workers", () => {
  it("are a pool's own: tainted for others, wanted by its workers", () => {
    for (const pool of ["general", "gpu", "coupled"]) {
      const { nodeSelector, tolerations } = workers(fast, pool);
      expect(nodeSelector).toEqual({ "burstgrid/pool": pool });
      expect(tolerations[0]).toMatchObject({ key: "burstgrid/pool", effect: "NoSchedule" });
    }
    const { taints } = named(plain, "NodePool", "grid-worker-general-spot")["spec"].template.spec;
    expect(taints).toEqual([{ key: "burstgrid/pool", value: "general", effect: "NoSchedule" }]);
  });

  it("are in the file system's zone, those of masters in all zones", () => {
    const subnets = (fixture: SynthesizedFixture, nodeClass: string): string[] =>
      named(fixture, "EC2NodeClass", nodeClass)["spec"].subnetSelectorTerms.map(({ id }: { id: string }) => id);
    expect(subnets(fast, "grid-worker-general")).toEqual([expect.stringContaining("computeSubnet2")]);
    expect(subnets(plain, "grid-worker-general")).toEqual([expect.stringContaining("computeSubnet1")]);
    expect(subnets(plain, "grid-master")).toHaveLength(3);
  });

  it("have encrypted disks and give instance metadata to the node alone", () => {
    for (const name of ["grid-worker-general", "grid-master"]) {
      expect(named(plain, "EC2NodeClass", name)["spec"]).toMatchObject({
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [{ ebs: { encrypted: true, kmsKeyID: expect.any(String) } }],
      });
    }
  });

  it("start no pod before they can mount the file system", () => {
    const { startupTaints } = named(plain, "NodePool", "grid-worker-general-spot")["spec"].template.spec;
    expect(startupTaints).toEqual([{ key: "fsx.csi.aws.com/agent-not-ready", effect: "NoExecute" }]);
  });
});

describe("accelerators", () => {
  it("a worker asks for its pool's GPUs and Elastic Fabric Adapters, as requests and limits", () => {
    expect(workers(fast, "gpu").containers[0].resources.limits).toMatchObject({ "nvidia.com/gpu": "1" });
    const { requests, limits } = workers(fast, "coupled").containers[0].resources;
    for (const devices of [requests, limits]) {
      expect(devices).toMatchObject({ "nvidia.com/gpu": "8", "vpc.amazonaws.com/efa": "1" });
    }
    expect(workers(fast, "general").containers[0].resources.limits).toEqual({ memory: "2Gi" });
  });

  it("GPU nodes carry the taint that keeps others off, and the label by which the device plugin finds them", () => {
    const nodePool = named(fast, "NodePool", "grid-worker-gpu-spot");
    expect(nodePool["spec"].template.spec.taints).toContainEqual({ key: "nvidia.com/gpu", effect: "NoSchedule" });
    expect(requirement(nodePool, "nvidia.com/gpu.present")).toEqual(["true"]);
    expect(workers(fast, "gpu").tolerations).toContainEqual({
      key: "nvidia.com/gpu",
      operator: "Exists",
      effect: "NoSchedule",
    });
  });

  it("the quota has room for them", () => {
    expect(named(fast, "ResourceQuota", "grid")["spec"].hard["requests.nvidia.com/gpu"]).toBe(
      String(2 * (100 + 8 * 8)),
    );
  });

  it("a placement group is a pool's own, of cluster strategy", () => {
    fast.pools.resourceCountIs("AWS::EC2::PlacementGroup", 1);
    fast.pools.hasResourceProperties("AWS::EC2::PlacementGroup", { Strategy: "cluster" });
    expect(named(fast, "EC2NodeClass", "grid-worker-coupled")["spec"].placementGroupSelector.name).toContain(
      "PlacementGroup",
    );
  });
});
