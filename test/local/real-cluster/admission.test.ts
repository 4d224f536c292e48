import { describe, expect, test } from "vitest";
import { admitted, OWNER_LABEL, type Surroundings } from "#local/real-cluster/admission.ts";
import type { Manifest } from "#local/real-cluster/fields.ts";

const HERE: Surroundings = {
  origin: "http://10.1.0.1:4600",
  environment: { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local" },
  sharedFolder: "/shared",
};

const object = (kind: string, spec: object, metadata: object = {}): Manifest => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "one", ...metadata },
  spec,
});

const template = (container: object) => ({
  template: { metadata: { labels: { app: "x" } }, spec: { serviceAccountName: "s", containers: [container] } },
});

describe("pods of Deployments and Jobs", () => {
  test.each(["Deployment", "Job"])("of a %s get endpoint and credentials, and the label of the local grid", (kind) => {
    const { spec } = admitted(object(kind, template({ name: "c", env: [{ name: "A", value: "1" }] })), HERE);
    expect(spec).toEqual({
      template: {
        metadata: { labels: { app: "x", [OWNER_LABEL.name]: OWNER_LABEL.value } },
        spec: {
          serviceAccountName: "s",
          containers: [
            {
              name: "c",
              env: [
                { name: "A", value: "1" },
                { name: "AWS_ENDPOINT_URL", value: "http://10.1.0.1:4600" },
                { name: "AWS_REGION", value: "us-east-1" },
                { name: "AWS_ACCESS_KEY_ID", value: "local" },
              ],
            },
          ],
        },
      },
    });
  });

  test("keep what they set themselves", () => {
    const own = { name: "AWS_REGION", value: "eu-west-1" };
    const { spec } = admitted(object("Job", template({ name: "c", env: [own] })), HERE);
    const [container] = (spec as { template: { spec: { containers: { env: object[] }[] } } }).template.spec.containers;
    expect(container!.env.filter((each) => (each as typeof own).name === "AWS_REGION")).toEqual([own]);
  });

  test("run on any node, whichever pool they are of, but keep what else they ask of nodes", () => {
    const selecting = (nodeSelector: object) => ({ template: { spec: { nodeSelector, containers: [] } } });
    const podOf = (spec: object) => (admitted(object("Deployment", spec), HERE).spec as { template: object }).template;
    expect(podOf(selecting({ "burstgrid/pool": "general" }))).toMatchObject({ spec: { containers: [] } });
    expect(podOf(selecting({ "burstgrid/pool": "general" }))).not.toHaveProperty("spec.nodeSelector");
    expect(podOf(selecting({ "burstgrid/pool": "x", disk: "ssd" }))).toHaveProperty("spec.nodeSelector", {
      disk: "ssd",
    });
  });

  test("of a Job can be found by the Job's label too, beside its own labels", () => {
    const { metadata } = admitted(
      object("Job", template({}), { labels: { mine: "1" }, annotations: { a: "b" } }),
      HERE,
    );
    expect(metadata).toEqual({
      name: "one",
      labels: { mine: "1", [OWNER_LABEL.name]: OWNER_LABEL.value },
      annotations: { a: "b" },
    });
  });
});

describe("volumes", () => {
  test("of FSx for Lustre are a folder of every Linux node", () => {
    const spec = {
      capacity: { storage: "1200Gi" },
      mountOptions: ["flock"],
      csi: { driver: "fsx.csi.aws.com", volumeHandle: "fs-1" },
    };
    expect(admitted(object("PersistentVolume", spec), HERE).spec).toEqual({
      capacity: { storage: "1200Gi" },
      local: { path: "/shared" },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["linux"] }] }],
        },
      },
    });
  });

  test("of other drivers stay as they are", () => {
    const volume = object("PersistentVolume", { csi: { driver: "ebs.csi.aws.com", volumeHandle: "v" } });
    expect(admitted(volume, HERE)).toEqual(volume);
  });
});

describe("network policies", () => {
  test("that restrict egress let pods out to the local services, and to that port only", () => {
    const dns = { ports: [{ protocol: "UDP", port: 53 }] };
    const policy = object("NetworkPolicy", { podSelector: {}, policyTypes: ["Egress"], egress: [dns] });
    expect(admitted(policy, HERE).spec).toEqual({
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [dns, { to: [{ ipBlock: { cidr: "10.1.0.1/32" } }], ports: [{ protocol: "TCP", port: 4600 }] }],
    });
  });

  test("an IPv6 address is one address too", () => {
    const policy = object("NetworkPolicy", { podSelector: {}, policyTypes: ["Egress"] });
    const { spec } = admitted(policy, { ...HERE, origin: "http://[fd00::1]:4600" });
    expect(spec).toMatchObject({ egress: [{ to: [{ ipBlock: { cidr: "fd00::1/128" } }] }] });
  });

  test("that restrict ingress only stay as they are: a rule for egress would shut all else off", () => {
    const policy = object("NetworkPolicy", { podSelector: {}, policyTypes: ["Ingress"] });
    expect(admitted(policy, HERE)).toEqual(policy);
  });
});

test("KEDA is told to leave scaling to the local grid", () => {
  const { metadata } = admitted(object("ScaledObject", {}, { annotations: { a: "b" } }), HERE);
  expect(metadata.annotations).toEqual({ a: "b", "autoscaling.keda.sh/paused": "true" });
});

test("everything else is as on AWS", () => {
  for (const kind of ["Namespace", "Role", "ServiceAccount", "ResourceQuota", "PersistentVolumeClaim"]) {
    const given = object(kind, { hard: { pods: "10" } });
    expect(admitted(given, HERE)).toBe(given);
  }
});
