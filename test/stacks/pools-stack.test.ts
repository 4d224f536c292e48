import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SynthesizedFixture, synthesizeFixture } from "./synthesize-fixture.ts";

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: DeploymentSpec & ScaledObjectSpec & { readonly csi: object };
  readonly rules: readonly { readonly resources: readonly string[] }[];
}

interface DeploymentSpec {
  readonly replicas?: number;
  readonly template: { readonly spec: PodSpec };
}

interface PodSpec {
  readonly securityContext: object;
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly [
    {
      readonly env: readonly { readonly name: string }[];
      readonly resources: object;
      readonly securityContext: object;
    },
  ];
}

interface ScaledObjectSpec {
  readonly triggers: readonly { readonly metadata: { readonly queueURL: string; readonly queueLength: string } }[];
}

let fixture: SynthesizedFixture;
let objects: KubernetesObject[];
beforeAll(async () => {
  fixture = await synthesizeFixture();
  objects = Object.values(fixture.pools.findResources("Custom::AWSCDK-EKS-KubernetesResource")).flatMap(
    ({ Properties }) => JSON.parse(flat(Properties.Manifest)) as KubernetesObject[],
  );
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

/** A manifest's text, with a token's name in place of its value. */
const flat = (manifest: string | { "Fn::Join": [string, unknown[]] }): string =>
  typeof manifest === "string"
    ? manifest
    : manifest["Fn::Join"][1].map((part) => (typeof part === "string" ? part : nameIn(part as object))).join("");

const nameIn = (token: object): string =>
  JSON.stringify(token)
    .replaceAll(/[^\w:.-]/g, " ")
    .trim();

const object = (kind: string, name: string): KubernetesObject =>
  objects.find((candidate) => candidate.kind === kind && candidate.metadata.name === name)!;

describe("workers", () => {
  it("run the worker program in the folder of the users' files", () => {
    const [container] = object("Deployment", "grid-worker-general").spec.template.spec.containers;
    expect(container).toMatchObject({ command: ["node", "/app/worker.mjs"], workingDir: "/app/files" });
  });

  it("are told grid, bucket, pool, slots, shared folder and their own uid", () => {
    const [{ env }] = object("Deployment", "grid-worker-general").spec.template.spec.containers;
    const byName = Object.fromEntries(env.map(({ name, ...value }) => [name, value]));
    expect(byName).toMatchObject({
      BURSTGRID_GRID: { value: "demo" },
      BURSTGRID_POOL: { value: "general" },
      BURSTGRID_SLOTS: { value: "2" },
      BURSTGRID_SHARED_FOLDER: { value: "/fsx" },
      BURSTGRID_BUCKET: { value: expect.stringContaining("Store") },
      AWS_REGION: { value: "Ref : AWS::Region" },
      BURSTGRID_POD_UID: { valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
    });
  });

  it("are pods that the restricted Pod Security Standard admits", () => {
    for (const pool of ["general", "python"]) {
      const { securityContext, containers } = object("Deployment", `grid-worker-${pool}`).spec.template.spec;
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
      expect(containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
    }
  });

  it("ask for what the most demanding application of their pool needs", () => {
    const resources = (pool: string) =>
      object("Deployment", `grid-worker-${pool}`).spec.template.spec.containers[0].resources;
    expect(resources("general")).toEqual({ requests: { cpu: "1", memory: "2Gi" }, limits: { memory: "2Gi" } });
    expect(resources("python")).toEqual({ requests: { cpu: "1500m", memory: "512Mi" }, limits: { memory: "512Mi" } });
  });

  it("have the time of the longest task and half a minute more to drain", () => {
    expect(object("Deployment", "grid-worker-general").spec.template.spec.terminationGracePeriodSeconds).toBe(150);
  });

  it("leave the number of replicas to KEDA", () => {
    expect(object("Deployment", "grid-worker-general").spec.replicas).toBeUndefined();
  });
});

describe("scaling", () => {
  it("follows all three queues of the pool, messages in work included, between min and max", () => {
    const { spec } = object("ScaledObject", "grid-worker-python");
    expect(spec).toMatchObject({
      scaleTargetRef: { name: "grid-worker-python" },
      minReplicaCount: 1,
      maxReplicaCount: 100,
    });
    expect(spec.triggers.map(({ metadata }) => metadata.queueURL)).toEqual([
      expect.stringContaining("pythonhigh"),
      expect.stringContaining("pythonnormal"),
      expect.stringContaining("pythonlow"),
    ]);
    for (const trigger of spec.triggers) {
      expect(trigger).toMatchObject({ type: "aws-sqs-queue", metadata: { scaleOnInFlight: "true", queueLength: "1" } });
    }
  });

  it("wants one worker for as many messages as a worker has slots", () => {
    const { triggers } = object("ScaledObject", "grid-worker-general").spec;
    expect(triggers[0]?.metadata.queueLength).toBe("2");
  });
});

describe("identities", () => {
  it("masters and workers act as IAM roles by EKS Pod Identity, and nothing else does", () => {
    const associations = Object.values(fixture.pools.findResources("AWS::EKS::PodIdentityAssociation"));
    expect(associations.map(({ Properties }) => Properties.ServiceAccount).toSorted()).toEqual([
      "grid-master",
      "grid-worker",
    ]);
    for (const name of ["grid-master", "grid-worker"]) expect(object("ServiceAccount", name)).toBeDefined();
  });

  it("name their resources and no action by wildcard", () => {
    const statements = Object.values(fixture.pools.findResources("AWS::IAM::Policy")).flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement,
    );
    for (const { Action, Resource } of statements) {
      expect([Action].flat().join()).not.toContain("*");
      expect([Resource].flat()).not.toContain("*");
    }
  });

  it("the state machine's role may run Jobs in the namespace and read their pods", () => {
    fixture.pools.hasResourceProperties("AWS::EKS::AccessEntry", { KubernetesGroups: ["grid-job-runners"] });
    expect(object("Role", "grid-job-runners").rules.flatMap(({ resources }) => resources)).toEqual([
      "jobs",
      "pods",
      "pods/log",
    ]);
    expect(object("RoleBinding", "grid-job-runners").metadata.namespace).toBe("grid");
  });
});

describe("shared file system", () => {
  it("is a volume of the FSx file system that is named at deployment, claimed in the namespace", () => {
    expect(object("PersistentVolume", "grid-shared").spec.csi).toEqual({
      driver: "fsx.csi.aws.com",
      volumeHandle: "Ref : FileSystemId",
      volumeAttributes: { dnsname: "Ref : FileSystemDnsName", mountname: "Ref : FileSystemMountName" },
    });
    expect(object("PersistentVolumeClaim", "grid-shared").spec).toMatchObject({
      storageClassName: "",
      volumeName: "grid-shared",
    });
  });
});

it("no object is applied before its namespace is there", () => {
  const manifests = fixture.pools.findResources("Custom::AWSCDK-EKS-KubernetesResource");
  const [namespace] = Object.keys(manifests).filter((logicalId) => logicalId.startsWith("NamespaceManifest"));
  for (const [logicalId, { Properties, DependsOn }] of Object.entries(manifests)) {
    if (logicalId === namespace || !flat(Properties.Manifest).includes('"namespace"')) continue;
    expect(DependsOn).toContain(namespace);
  }
});
