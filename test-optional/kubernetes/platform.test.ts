import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { below, type Manifest, nameOf } from "#local/real-cluster/fields.ts";
import { TestCluster } from "./cluster.ts";
import { type Platform, platformOf } from "./platform.ts";
import { PROJECT } from "./settings.ts";

const CONFIGS = join(PROJECT, "test/fixtures/configs");
const NAMES = readdirSync(CONFIGS).filter((name) => name.endsWith(".config.ts"));

/** Applied without being stored: their pods would start, and none of this is meant to run. */
const WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.open();
});

describe.each(NAMES)("the cluster takes what the CDK app has for %s", (name) => {
  let platform: Platform;
  let refused: string[];
  beforeAll(async () => {
    platform = await platformOf(join(CONFIGS, name));
    refused = [];
    for (const object of platform.manifests) {
      if (WORKLOADS.includes(object.kind)) continue;
      await cluster.make(object).catch((error: Error) => void refused.push(error.message));
    }
  });
  afterAll(() => cluster.deleteAll());

  test("every object, with the very fields that its kind has", async () => {
    const workloads = platform.manifests.filter(({ kind }) => WORKLOADS.includes(kind));
    const refusals = await Promise.all(workloads.map((object) => cluster.refusal(object)));
    expect([...refused, ...refusals.filter((refusal) => refusal !== undefined)]).toEqual([]);
    expect(workloads.length).toBeGreaterThan(0);
  });

  test("every pod that they make, under Pod Security, quota, limits and priorities", async () => {
    const pods = platform.manifests.flatMap(podsOf);
    for (const pod of pods) expect(await cluster.refusal(pod), nameOf(pod)).toBeUndefined();
    expect(pods.length).toBeGreaterThan(0);
  });

  test.each([
    ["runs as root", { securityContext: { runAsNonRoot: false, runAsUser: 0 } }, /violates PodSecurity "restricted/],
    ["shares the host's network", { hostNetwork: true }, /violates PodSecurity "restricted/],
    [
      "mounts a folder of the node",
      { volumes: [{ name: "shared", hostPath: { path: "/" } }], containers: [{ name: "c", image: "i:1" }] },
      /violates PodSecurity "restricted/,
    ],
  ])("but no worker that %s", async (_, changes, refusal) => {
    const worker = platform.manifests.flatMap(podsOf).find(({ metadata }) => metadata.namespace === "grid")!;
    const bad = { ...worker, spec: { ...below(worker, "spec"), ...changes } };
    expect(await cluster.refusal(bad)).toMatch(refusal);
  });

  describe("whoever starts masters", () => {
    const asLauncher = () => ({
      ...cluster.server.login,
      headers: {
        ...cluster.server.login.headers,
        "impersonate-user": "arn:aws:sts::000000000000:assumed-role/launcher/session",
        "impersonate-group": platform.launcherGroups,
      },
    });
    const status = (method: "GET" | "POST" | "DELETE" | "PATCH", path: string) =>
      cluster.statusFor(asLauncher(), {
        method,
        path,
        ...(method === "GET" || method === "DELETE" ? {} : { body: {} }),
      });

    test.each([
      ["GET", "/apis/batch/v1/namespaces/grid/jobs", 200],
      ["GET", "/apis/batch/v1/namespaces/grid/jobs/none", 404],
      ["DELETE", "/apis/batch/v1/namespaces/grid/jobs/none", 404],
      ["GET", "/api/v1/namespaces/grid/pods", 200],
      ["GET", "/api/v1/namespaces/grid/pods/none/log", 404],
    ] as const)("may %s %s", async (method, path, expected) => {
      expect(await status(method, path)).toBe(expected);
    });

    test("may create a Job", async () => {
      const job: Manifest = {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name: "one", namespace: "grid" },
        spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i:1" }] } } },
      };
      const path = "/apis/batch/v1/namespaces/grid/jobs?dryRun=All";
      expect(await cluster.statusFor(asLauncher(), { method: "POST", path, body: job })).toBe(201);
    });

    test.each([
      ["POST", "/apis/batch/v1/namespaces/default/jobs"],
      ["GET", "/apis/batch/v1/jobs"],
      ["PATCH", "/apis/batch/v1/namespaces/grid/jobs/none"],
      ["POST", "/api/v1/namespaces/grid/pods"],
      ["DELETE", "/api/v1/namespaces/grid/pods/none"],
      ["POST", "/api/v1/namespaces/grid/pods/none/exec"],
      ["POST", "/apis/apps/v1/namespaces/grid/deployments"],
      ["GET", "/api/v1/namespaces/grid/secrets"],
      ["GET", "/api/v1/namespaces/grid/configmaps"],
      ["POST", "/api/v1/namespaces/grid/serviceaccounts/grid-master/token"],
      ["POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/grid/rolebindings"],
      ["GET", "/api/v1/nodes"],
      ["GET", "/api/v1/namespaces"],
      ["DELETE", "/api/v1/namespaces/grid"],
    ] as const)("may not %s %s", async (method, path) => {
      expect(await status(method, path)).toBe(403);
    });

    test("may do none of it without its group", async () => {
      const { headers, ...login } = asLauncher();
      const alone = { ...login, headers: { ...headers, "impersonate-group": [] } };
      const path = "/apis/batch/v1/namespaces/grid/jobs";
      expect(await cluster.statusFor(alone, { method: "GET", path })).toBe(403);
    });
  });
});

/** A pod as each workload's controller makes it. */
function podsOf(workload: Manifest): Manifest[] {
  if (!WORKLOADS.includes(workload.kind)) return [];
  const spec = below(workload, "spec");
  const template = below(workload.kind === "CronJob" ? below(below(spec, "jobTemplate"), "spec") : spec, "template");
  const { name, namespace } = workload.metadata;
  const metadata = { ...below(template, "metadata"), name, ...(namespace !== undefined && { namespace }) };
  return [{ apiVersion: "v1", kind: "Pod", metadata, spec: below(template, "spec") }];
}
