import { describe, expect, it } from "vitest";
import { decodeGrid, type GridConfig } from "#grid/config.ts";

const decode = (config: Partial<GridConfig>) => decodeGrid({ applications: {}, ...config }, "test");

describe("the cluster", () => {
  it("has a public and a private endpoint, three system nodes and no administrators unless it is said", () => {
    expect(decode({}).cluster).toMatchObject({
      endpoint: "public-and-private",
      admins: [],
      systemNodes: { min: 3, max: 6 },
      egress: [{ cidr: "0.0.0.0/0", ports: [443] }],
    });
  });

  it("of an air-gapped network needs a mirror", () => {
    expect(() => decode({ network: { nat: "none" } })).toThrow("cluster.mirror: expected a registry");
    expect(decode({ network: { nat: "none" }, cluster: { mirror: "registry.example.com" } }).cluster.mirror).toBe(
      "registry.example.com",
    );
  });

  it.each([
    [{ systemNodes: { min: 7 } }, "cluster.systemNodes.max: expected 7 (min) or more, came 6"],
    [{ admins: ["operators"] }, "cluster.admins"],
    [{ egress: [{ cidr: "everywhere", ports: [443] }] }, "cluster.egress"],
    [{ nodeImage: "ubuntu" }, "cluster.nodeImage"],
    [{ mirror: "https://registry.example.com" }, "cluster.mirror"],
  ])("%j is refused by its path", (cluster, message) => {
    expect(() => decode({ cluster: cluster as GridConfig["cluster"] & object })).toThrow(message);
  });
});

describe("a pool", () => {
  it.each([
    [{ spotPercent: 75 }, "pools.general.spotPercent"],
    [{ min: 5, max: 2 }, "pools.general.max: expected 5 (min) or more, came 2"],
    [{ placementGroup: true, zones: "all" }, "pools.general.zones"],
    [{ instanceTypes: [] }, "pools.general.instanceTypes"],
  ])("%j is refused by its path", (general, message) => {
    expect(() => decode({ pools: { general: general as object } })).toThrow(message);
  });

  it("is seven parts spot to three on demand, without devices, beside the file system, unless it is said", () => {
    expect(decode({}).pools["general"]).toMatchObject({
      spotPercent: 70,
      gpu: 0,
      efa: 0,
      placementGroup: false,
      zones: "fileSystem",
    });
  });
});
