import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeAddresses, plannedAddresses } from "#cli/doctor/addresses.ts";
import { judgeConcurrency, judgeCount, networkQuotas } from "#cli/doctor/counted-quotas.ts";
import { findingsText, ok, summaryOf, warn } from "#cli/doctor/finding.ts";
import { instanceTypesOf, judgeOfferings, zonesOf } from "#cli/doctor/instance-types.ts";
import { judgeLaunch } from "#cli/doctor/launch.ts";
import { BOOTSTRAP_STACK, judgeStacks, stackNames } from "#cli/doctor/stack-states.ts";
import { askVault, judgeHealth } from "#cli/doctor/vault-health.ts";
import { judgeVcpus, quotaOf, vcpuNeeds } from "#cli/doctor/vcpu-quotas.ts";
import { decodeGrid, type GridConfig } from "#grid/config.ts";

const MIRROR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const task = { handler: "./task.ts" };
const grid = (config: Partial<GridConfig> = {}) =>
  decodeGrid({ applications: { sums: { task, resources: { cpu: "2" } } }, ...config }, "test");
const levels = (findings: readonly { readonly level: string }[]) => findings.map(({ level }) => level);

describe("vCPU quotas", () => {
  it("each class of instance types has its own", () => {
    expect(quotaOf("c7i.2xlarge")?.onDemand).toBe("L-1216C47A");
    expect(quotaOf("g6.xlarge")?.spot).toBe("L-3819A6DF");
    expect(quotaOf("p5.48xlarge")?.onDemand).toBe("L-417A185B");
    expect(quotaOf("hpc7a.96xlarge")).toMatchObject({ onDemand: "L-F7808C92" });
    expect(quotaOf("u7i-12tb.224xlarge")).toBeUndefined();
  });

  it("full pools take the vCPUs of all their workers, shared between spot and on demand, and system nodes come on top", () => {
    const needs = vcpuNeeds(grid({ pools: { general: { max: 100, spotPercent: 70 } } }), new Map([["m7i.large", 2]]));
    expect(needs).toEqual([
      { code: "L-1216C47A", name: "on-demand Standard instances", vcpus: 60 + 6 * 2 },
      { code: "L-34B43A08", name: "spot Standard instances", vcpus: 140 },
    ]);
  });

  it("no worker is left out, whatever the share of spot", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 10 }), (max, tens) => {
        const needs = vcpuNeeds(grid({ pools: { general: { max, spotPercent: tens * 10 } } }), new Map());
        const all = needs.reduce((sum, { vcpus }) => sum + vcpus, 0);
        expect(all).toBeGreaterThanOrEqual(2 * max);
        expect(all).toBeLessThanOrEqual(2 * max + 2);
      }),
    );
  });

  it("one that is too small is a warning that says how much to ask for", () => {
    const need = { code: "L-34B43A08", name: "spot Standard instances", vcpus: 140 };
    expect(judgeVcpus(need, 140).level).toBe("ok");
    expect(judgeVcpus(need, 139)).toMatchObject({
      level: "warn",
      todo: expect.stringContaining("--quota-code L-34B43A08 --desired-value 140"),
    });
  });
});

describe("instance types", () => {
  const offered = (...zones: string[]) => new Set(zones);
  const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
  const one = grid({ pools: { general: { instanceTypes: ["c7i.2xlarge", "c6i.2xlarge"] } } });
  const system = [
    ["m7i.large", offered(...zones)],
    ["m6i.large", offered(...zones)],
  ] as const;

  it("zones are those of the config, else the first of the region", () => {
    expect(zonesOf(one, [...zones, "eu-west-1d"].toReversed())).toEqual(zones);
    expect(zonesOf(grid({ network: { zones: ["eu-west-1c", "eu-west-1a"] } }), zones)).toEqual([
      "eu-west-1c",
      "eu-west-1a",
    ]);
  });

  it("all that the config names are asked for, each once", () => {
    expect(instanceTypesOf(one)).toEqual(["m7i.large", "m6i.large", "c7i.2xlarge", "c6i.2xlarge"]);
  });

  it("workers need theirs in the zone of the file system, system nodes in all zones", () => {
    const offerings = new Map([
      ...system,
      ["c7i.2xlarge", offered("eu-west-1a")],
      ["c6i.2xlarge", offered("eu-west-1a")],
    ]);
    expect(levels(judgeOfferings(one, zones, offerings))).toEqual(["ok", "ok"]);
  });

  it("one type that a zone lacks is a warning, all of them a failure", () => {
    const some = new Map([...system, ["c6i.2xlarge", offered("eu-west-1a")]]);
    expect(judgeOfferings(one, zones, some)[1]).toMatchObject({
      level: "warn",
      says: "c7i.2xlarge is not offered in eu-west-1a",
    });
    expect(judgeOfferings(one, zones, new Map(system))[1]).toMatchObject({ level: "fail", about: "pool general" });
  });
});

describe("addresses", () => {
  it("full pools and masters must find one each", () => {
    const small = grid({ pools: { general: { max: 900 } }, network: { cidr: "10.0.0.0/20" } });
    expect(plannedAddresses(small, ["a"])).toEqual([{ zone: "a", free: 1019 }]);
    expect(levels(judgeAddresses(small, [{ zone: "a", free: 1000 }]))).toEqual(["ok"]);
    expect(levels(judgeAddresses(small, [{ zone: "a", free: 999 }]))).toEqual(["fail"]);
  });
});

describe("counted quotas", () => {
  it("a network adds a VPC, and an address for each NAT gateway", () => {
    const added = (network: GridConfig["network"]) =>
      networkQuotas(grid({ network: network!, cluster: { mirror: MIRROR } }), { vpcs: 4, addresses: 2 }).map(
        (quota) => quota.added,
      );
    expect(added({ nat: "one" })).toEqual([1, 1]);
    expect(added({ nat: "zone" })).toEqual([1, 3]);
    expect(added({ nat: "none" })).toEqual([1, 0]);
  });

  it("what does not fit is a failure", () => {
    const [vpcs] = networkQuotas(grid(), { vpcs: 5, addresses: 0 });
    expect(judgeCount(vpcs!, 6).level).toBe("ok");
    expect(judgeCount(vpcs!, 5)).toMatchObject({ level: "fail", todo: expect.stringContaining("--desired-value 6") });
  });

  it("a new account's ten concurrent executions are a warning", () => {
    expect(judgeConcurrency(1000).level).toBe("ok");
    expect(judgeConcurrency(10).level).toBe("warn");
  });
});

describe("stacks", () => {
  const states = (state: string | undefined) =>
    new Map([BOOTSTRAP_STACK, ...stackNames(grid())].map((name) => [name, state] as const));

  it("an account without the bootstrap stack is not ready", () => {
    expect(judgeStacks(grid(), new Map())[0]).toMatchObject({
      level: "fail",
      todo: expect.stringContaining("npx cdk bootstrap"),
    });
  });

  it("what is not deployed yet is well", () => {
    const judged = judgeStacks(grid(), new Map([[BOOTSTRAP_STACK, "CREATE_COMPLETE"]]));
    expect(new Set(levels(judged))).toEqual(new Set(["ok"]));
  });

  it.each([
    ["UPDATE_COMPLETE", "ok"],
    ["UPDATE_IN_PROGRESS", "warn"],
    ["UPDATE_ROLLBACK_COMPLETE", "warn"],
    ["ROLLBACK_COMPLETE", "fail"],
    ["UPDATE_ROLLBACK_FAILED", "fail"],
    ["DELETE_FAILED", "fail"],
  ])("a stack that is %s: %s", (state, level) => {
    expect(new Set(levels(judgeStacks(grid(), states(state)).slice(1)))).toEqual(new Set([level]));
  });

  it("an own Vault has one, an existing one and an intake that is not wanted have none", () => {
    expect(stackNames(grid({ vault: {} }))).toContain("grid-vault");
    expect(stackNames(grid({ vault: { address: "https://vault.example.com:8200" } }))).not.toContain("grid-vault");
    expect(stackNames(grid())).not.toContain("grid-intake");
  });
});

describe("the cluster's endpoint", () => {
  it("decides who starts masters", () => {
    expect(judgeLaunch(grid())[0]?.says).toContain("Step Functions starts masters itself");
    expect(judgeLaunch(grid({ cluster: { endpoint: "private" } }))[0]?.says).toContain("a Lambda in the VPC");
  });

  it("that is public in an air-gapped network is a warning", () => {
    const airGapped = { nat: "none" } as const;
    expect(levels(judgeLaunch(grid({ network: airGapped, cluster: { mirror: MIRROR } })))).toEqual(["warn"]);
    expect(levels(judgeLaunch(grid({ network: airGapped, cluster: { mirror: MIRROR, endpoint: "private" } })))).toEqual(
      ["ok"],
    );
  });
});

describe("Vault", () => {
  it.each([
    [200, "ok"],
    [429, "ok"],
    [501, "fail"],
    [503, "fail"],
    [404, "fail"],
  ])("that answers %i: %s", (status, level) => {
    expect(judgeHealth("https://vault", status).level).toBe(level);
  });

  it("is asked for its health, and out of reach from here is only a warning", async () => {
    const asked: string[] = [];
    const answers: typeof fetch = async (url) => {
      asked.push(String(url));
      return new Response(undefined, { status: 503 });
    };
    expect(await askVault("https://vault:8200", answers)).toMatchObject({ level: "fail" });
    expect(asked).toEqual(["https://vault:8200/v1/sys/health"]);
    const refuses: typeof fetch = () =>
      Promise.reject(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") }));
    expect(await askVault("https://vault:8200", refuses)).toMatchObject({
      level: "warn",
      says: expect.stringContaining("ECONNREFUSED"),
    });
  });
});

describe("findings", () => {
  it("are a line each, with what to do below", () => {
    const findings = [ok("region", "eu-west-1"), warn("quota L-1", "too small", "ask for more")];
    expect(findingsText(findings)).toBe(
      "ok    region     eu-west-1\nwarn  quota L-1  too small\n                 → ask for more\n",
    );
    expect(summaryOf(findings)).toBe("1 ok, 1 warn, 0 fail");
  });
});
