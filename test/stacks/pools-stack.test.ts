import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flat, type KubernetesObject, kubernetesObjects } from "./kubernetes-objects.ts";
import { type SynthesizedFixture, synthesizeFixture } from "./synthesize-fixture.ts";

let fixture: SynthesizedFixture;
let objects: KubernetesObject[];
beforeAll(async () => {
  fixture = await synthesizeFixture();
  objects = kubernetesObjects(fixture.pools);
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

const object = (kind: string, name: string): KubernetesObject =>
  objects.find((candidate) => candidate.kind === kind && candidate.metadata.name === name)!;

describe("workers", () => {
  it("run the worker program in the folder of the users' files", () => {
    const [container] = object("Deployment", "grid-worker-general").spec.template.spec.containers;
    expect(container).toMatchObject({ command: ["node", "/app/worker.mjs"], workingDir: "/app/files" });
  });

  it("are told grid, bucket, pool, slots, shared folder and their own uid", () => {
    const [{ env }] = object("Deployment", "grid-worker-general").spec.template.spec.containers;
    const byName = Object.fromEntries(env.map(({ name, ...value }: { name: string }) => [name, value]));
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

  it("are not process 1, which would not notice SIGTERM before it handles it", () => {
    for (const pool of ["general", "python"]) {
      expect(object("Deployment", `grid-worker-${pool}`).spec.template.spec.shareProcessNamespace).toBe(true);
    }
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
    expect(spec.triggers.map(({ metadata }: { metadata: { queueURL: string } }) => metadata.queueURL)).toEqual([
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
  it("masters, and the workers of each pool, act as IAM roles of their own by EKS Pod Identity", () => {
    const associations = Object.values(fixture.pools.findResources("AWS::EKS::PodIdentityAssociation"));
    const names = ["grid-master", "grid-worker-general", "grid-worker-python"];
    expect(associations.map(({ Properties }) => Properties.ServiceAccount).toSorted()).toEqual(names);
    expect(new Set(associations.map(({ Properties }) => JSON.stringify(Properties.RoleArn))).size).toBe(names.length);
    for (const pool of ["general", "python"]) {
      expect(object("Deployment", `grid-worker-${pool}`).spec.template.spec.serviceAccountName).toBe(
        `grid-worker-${pool}`,
      );
    }
  });

  it("a worker can read the queues of its own pool and no others", () => {
    const reads = Object.entries(fixture.pools.findResources("AWS::IAM::Policy"))
      .map(([logicalId, { Properties }]) => ({
        logicalId,
        queues: (Properties.PolicyDocument.Statement as { Action: string[]; Resource: object[] }[])
          .filter(({ Action }) => Action.includes("sqs:ReceiveMessage"))
          .flatMap(({ Resource }) => Resource)
          .map((queue) => /Queues(general|python)/.exec(JSON.stringify(queue))?.[1]),
      }))
      .filter(({ queues }) => queues.length > 0);
    expect(reads).toEqual([
      { logicalId: expect.stringContaining("Poolgeneral"), queues: ["general", "general", "general"] },
      { logicalId: expect.stringContaining("Poolpython"), queues: ["python", "python", "python"] },
    ]);
  });

  it("KEDA may see how long the queues are, and nothing else", () => {
    const [keda] = Object.entries(fixture.pools.findResources("AWS::IAM::Policy")).filter(([id]) =>
      id.startsWith("Keda"),
    );
    const statements = keda![1]["Properties"].PolicyDocument.Statement as { Action: string[] }[];
    expect(statements.flatMap(({ Action }) => Action)).toEqual(["sqs:GetQueueAttributes"]);
  });

  it("have no rights in the cluster, and no token for its API", () => {
    for (const account of objects.filter(({ kind }) => kind === "ServiceAccount")) {
      expect(account["automountServiceAccountToken"]).toBe(false);
    }
    const bindings = objects.filter(({ kind }) => kind.endsWith("RoleBinding"));
    expect(bindings.flatMap(({ subjects }) => subjects)).toEqual([
      { kind: "Group", name: "grid-job-runners", apiGroup: "rbac.authorization.k8s.io" },
    ]);
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

  it("only the state machine's group may create Jobs, and in the namespace alone", () => {
    fixture.pools.resourceCountIs("AWS::EKS::AccessEntry", 1);
    fixture.pools.hasResourceProperties("AWS::EKS::AccessEntry", {
      Type: "STANDARD",
      KubernetesGroups: ["grid-job-runners"],
    });
    expect(objects.filter(({ kind }) => kind === "ClusterRole")).toEqual([]);
    const roles = objects.filter(({ kind }) => kind === "Role");
    expect(roles.map(({ metadata }) => metadata)).toMatchObject([{ name: "grid-job-runners", namespace: "grid" }]);
    expect(roles[0]!["rules"]).toEqual([
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "get", "list", "watch", "delete"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
      { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
    ]);
  });
});

describe("shared file system", () => {
  it("is a volume of the FSx file system of the files stack, claimed in the namespace", () => {
    const { csi, accessModes } = object("PersistentVolume", "grid-shared").spec;
    expect(accessModes).toEqual(["ReadWriteMany"]);
    expect(csi).toMatchObject({
      driver: "fsx.csi.aws.com",
      volumeHandle: expect.stringMatching(/demo-files.*FileSystem/),
      volumeAttributes: { mountname: expect.stringMatching(/demo-files.*LustreMountName/) },
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
