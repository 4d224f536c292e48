import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KubernetesObject, kubernetesObjects } from "./kubernetes-objects.ts";
import { type SynthesizedFixture, synthesizeFixture } from "./synthesize-fixture.ts";

const CONFIGS = ["default", "private-endpoint", "air-gapped", "gpu-spot"] as const;

describe.each(CONFIGS)("the namespace of the %s config", (config) => {
  let fixture: SynthesizedFixture;
  let objects: KubernetesObject[];
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const podSpecs = () => ofKind("Deployment").map(({ spec }) => spec.template.spec);

  beforeAll(async () => {
    fixture = await synthesizeFixture(`test/fixtures/configs/${config}.config.ts`);
    objects = kubernetesObjects(fixture.pools);
  });
  afterAll(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  it("admits pods of the restricted Pod Security Standard only", () => {
    expect(ofKind("Namespace").map(({ metadata }) => metadata.labels)).toMatchObject([
      { "pod-security.kubernetes.io/enforce": "restricted" },
    ]);
    for (const spec of podSpecs()) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
      for (const { securityContext } of spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
      }
    }
  });

  it("lets nobody connect to its pods, and its pods to no place that is not listed", () => {
    const policies = ofKind("NetworkPolicy").map(({ spec }) => spec);
    expect(policies.every(({ podSelector }) => Object.keys(podSelector).length === 0)).toBe(true);
    expect(policies[0]).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    expect(policies.flatMap(({ ingress = [] }) => ingress)).toEqual([]);
    const ports = policies
      .flatMap(({ egress = [] }) => egress)
      .flatMap(({ ports }) => ports.map(({ port }: { port: number }) => port));
    const vault = { default: [], "gpu-spot": [], "private-endpoint": [8200], "air-gapped": [8200] }[config];
    expect(ports).toEqual([53, 53, 80, ...vault, 443]);
  });

  it("has room for all workers twice, as a pool's old pods drain while its new ones start", () => {
    const [quota] = ofKind("ResourceQuota");
    const workers = ofKind("ScaledObject").reduce((sum, { spec }) => sum + spec.maxReplicaCount, 0);
    expect(Number(quota!["spec"].hard.pods)).toBe(2 * (workers + 100));
    expect(quota!["spec"].hard).toMatchObject({ services: "0", persistentvolumeclaims: "1" });
  });

  it("gives every container requests and a memory limit, its own or by default", () => {
    for (const { containers } of podSpecs()) {
      for (const { resources } of containers) {
        expect(resources).toMatchObject({
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        });
      }
    }
    expect(ofKind("LimitRange")[0]!["spec"].limits[0]).toMatchObject({
      type: "Container",
      defaultRequest: { cpu: expect.any(String), memory: expect.any(String) },
      default: { memory: expect.any(String) },
    });
  });

  it("keeps passwords and tokens out of environments and ConfigMaps", () => {
    expect(ofKind("Secret")).toEqual([]);
    // The only one is Vault's authority, where there is a Vault: its program fills it in the cluster.
    for (const { metadata, data, binaryData } of ofKind("ConfigMap")) {
      expect({ name: metadata.name, data, binaryData }).toEqual({ name: "vault-ca" });
    }
    for (const { containers } of podSpecs()) {
      for (const { env } of containers) {
        for (const { name } of env as { name: string }[]) expect(name).not.toMatch(/SECRET|PASSWORD|TOKEN|KEY/);
      }
    }
  });

  it("gives masters room before workers, and lets neither push out what the cluster needs", () => {
    const value = (name: string) => ofKind("PriorityClass").find(({ metadata }) => metadata.name === name)!["value"];
    expect(value("grid-master")).toBeGreaterThan(value("grid-worker"));
    for (const { value: priority } of ofKind("PriorityClass")) expect(priority).toBeLessThan(1_000_000_000);
    for (const spec of podSpecs()) expect(spec.priorityClassName).toBe("grid-worker");
  });

  it("drains at most a quarter of a pool's workers at a time, a lone worker too", () => {
    for (const { metadata, spec } of ofKind("Deployment")) {
      const [budget] = ofKind("PodDisruptionBudget").filter((each) => each.metadata.name === metadata.name);
      expect(budget!["spec"]).toEqual({ maxUnavailable: "25%", selector: { matchLabels: spec.selector.matchLabels } });
    }
  });
});
