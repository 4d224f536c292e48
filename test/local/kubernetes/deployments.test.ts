import { describe, expect, test, vi } from "vitest";
import { type Cluster, DEPLOYMENTS, deployment, IDLE, isAlive, openCluster, PODS } from "./fixture.ts";

const STUBBORN = `process.on("SIGTERM", () => {}); console.log("up"); ${IDLE}`;

interface PodSeen {
  readonly name: string;
  readonly id: number;
  readonly terminating: boolean;
}

async function podsOf(cluster: Cluster): Promise<PodSeen[]> {
  const { body } = await cluster.call("GET", `${PODS}?labelSelector=app=test`);
  return body.items.map(({ metadata, status }: never) => ({
    name: metadata["name"],
    id: Number(String(status["containerStatuses"][0]["containerID"]).replace("process://", "")),
    terminating: metadata["deletionTimestamp"] !== undefined,
  }));
}

const settled = (cluster: Cluster, count: number) =>
  vi.waitFor(async () => {
    const pods = await podsOf(cluster);
    expect(pods.map(({ terminating }) => terminating)).toEqual(Array.from({ length: count }, () => false));
    return pods;
  }, 10_000);

const up = (cluster: Cluster, pods: readonly PodSeen[]) =>
  vi.waitFor(async () => {
    for (const { name } of pods) expect((await cluster.call("GET", `${PODS}/${name}/log`)).body).toBe("up\n");
  }, 10_000);

const scale = (cluster: Cluster, name: string, replicas: number) =>
  cluster.call(
    "PATCH",
    `${DEPLOYMENTS}/${name}/scale`,
    { spec: { replicas } },
    { "content-type": "application/merge-patch+json" },
  );

describe("a Deployment", () => {
  test("keeps its replicas running and says so in its status", async () => {
    const cluster = await openCluster();
    await cluster.kubernetes.apply(deployment("web", IDLE, { replicas: 2 }));
    await settled(cluster, 2);
    const { body } = await cluster.call("GET", `${DEPLOYMENTS}/web`);
    expect(body.status).toMatchObject({ replicas: 2, readyReplicas: 2, availableReplicas: 2, unavailableReplicas: 0 });
  });

  test("replaces a pod that was killed, after a wait because it had not lived for long", async () => {
    const cluster = await openCluster();
    await cluster.kubernetes.apply(deployment("web", IDLE));
    const [first] = await settled(cluster, 1);
    const killedAt = Date.now();
    process.kill(first!.id, "SIGKILL");
    await vi.waitFor(async () => {
      const [second] = await settled(cluster, 1);
      expect(second!.name).not.toBe(first!.name);
    }, 10_000);
    expect(Date.now() - killedAt).toBeGreaterThanOrEqual(1_000);
    expect(cluster.warnings[0]).toMatch(/pod default\/web-\S+ failed after .*: killed by SIGKILL/);
  });

  test("ends the newest pods when it is scaled down", async () => {
    const cluster = await openCluster();
    await cluster.kubernetes.apply(deployment("web", IDLE, { replicas: 1 }));
    const [oldest] = await settled(cluster, 1);
    expect((await scale(cluster, "web", 3)).body).toMatchObject({ kind: "Scale", spec: { replicas: 3 } });
    const three = await settled(cluster, 3);
    await scale(cluster, "web", 1);
    expect(await settled(cluster, 1)).toEqual([oldest]);
    await vi.waitFor(() => expect(three.filter(({ id }) => isAlive(id))).toEqual([oldest]));
  });

  test("kills a pod that does not end within its grace", async () => {
    const cluster = await openCluster();
    const pod = { terminationGracePeriodSeconds: 1 };
    await cluster.kubernetes.apply(deployment("web", STUBBORN, {}, { pod }));
    const [stubborn] = await settled(cluster, 1);
    await up(cluster, [stubborn!]);
    await scale(cluster, "web", 0);
    const [leaving] = await podsOf(cluster);
    expect(leaving).toEqual({ ...stubborn, terminating: true });
    await settled(cluster, 0);
    expect(isAlive(stubborn!.id)).toBe(false);
    expect(cluster.warnings).toEqual([]);
  });

  test("replaces its pods when its template changes, and keeps its replicas when the manifest has none", async () => {
    const cluster = await openCluster();
    await cluster.kubernetes.apply(deployment("web", IDLE));
    await scale(cluster, "web", 2);
    const before = await settled(cluster, 2);
    await cluster.kubernetes.apply(deployment("web", `${IDLE}; 1`));
    const after = await settled(cluster, 2);
    expect(after.filter(({ name }) => before.some((old) => old.name === name))).toEqual([]);
  });

  test("goes with its pods when it is deleted", async () => {
    const cluster = await openCluster();
    await cluster.kubernetes.apply(deployment("web", IDLE));
    const [pod] = await settled(cluster, 1);
    await cluster.kubernetes.delete("Deployment", "default", "web");
    await settled(cluster, 0);
    expect(isAlive(pod!.id)).toBe(false);
    await expect(cluster.kubernetes.delete("Deployment", "default", "web")).rejects.toThrow('"web" not found');
  });

  test("is refused when its selector does not match its pods", async () => {
    const cluster = await openCluster();
    const manifest = deployment("web", IDLE, { selector: { matchLabels: { app: "other" } } });
    const { code, body } = await cluster.call("POST", DEPLOYMENTS, manifest);
    expect(code).toBe(422);
    expect(body.details.causes).toMatchObject([{ field: "spec.template.metadata.labels" }]);
  });
});

describe("close", () => {
  test("ends all pods, in well under 2 s when they obey SIGTERM", async () => {
    const cluster = await openCluster();
    await cluster.kubernetes.apply(deployment("web", IDLE, { replicas: 3 }));
    const pods = await settled(cluster, 3);
    const start = Date.now();
    await cluster.kubernetes.close();
    expect(Date.now() - start).toBeLessThan(2_000);
    expect(pods.filter(({ id }) => isAlive(id))).toEqual([]);
  });

  test("kills pods that do not obey when its grace is over, and starts none after", async () => {
    const cluster = await openCluster({ closeGraceSeconds: 0.2 });
    await cluster.kubernetes.apply(deployment("web", STUBBORN, { replicas: 1 }));
    const pods = await settled(cluster, 1);
    await up(cluster, pods);
    await cluster.kubernetes.close();
    expect(pods.filter(({ id }) => isAlive(id))).toEqual([]);
    await expect(cluster.kubernetes.apply(deployment("late", IDLE))).rejects.toThrow("shutting down");
  });
});

describe("a ScaledObject", () => {
  const scaledObject = (target: string, spec: object = {}) => ({
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name: "by-queue" },
    spec: {
      scaleTargetRef: { name: target },
      maxReplicaCount: 10,
      cooldownPeriod: 0,
      triggers: [
        { type: "aws-sqs-queue", metadata: { queueURL: "http://queue", queueLength: "5", awsRegion: "us-east-1" } },
      ],
      ...spec,
    },
  });

  test("scales its Deployment with the queue, up to the cores, and down again", async () => {
    let depth = 0;
    const asked = new Set<string>();
    const queueDepth = async (url: string) => {
      asked.add(url);
      return depth;
    };
    const cluster = await openCluster({ queueDepth });
    await cluster.kubernetes.apply(deployment("workers", IDLE, { replicas: 0 }));
    await cluster.kubernetes.apply(scaledObject("workers"));
    depth = 4;
    await settled(cluster, 1);
    depth = 1_000;
    await settled(cluster, 2);
    depth = 0;
    await settled(cluster, 0);
    expect([...asked]).toEqual(["http://queue"]);
  });

  test("scales up to the workers that were asked for in place of the cores", async () => {
    const cluster = await openCluster({ queueDepth: async () => 1_000, workers: 3 });
    await cluster.kubernetes.apply(deployment("workers", IDLE, { replicas: 0 }));
    await cluster.kubernetes.apply(scaledObject("workers"));
    await settled(cluster, 3);
  });

  test("says once what keeps it from scaling, and scales when that is gone", async () => {
    const cluster = await openCluster({ queueDepth: async () => 1 });
    await cluster.kubernetes.apply(scaledObject("workers"));
    await vi.waitFor(() => expect(cluster.warnings).toHaveLength(1));
    await cluster.kubernetes.apply(deployment("workers", IDLE, { replicas: 0 }));
    await settled(cluster, 1);
    expect(cluster.warnings).toEqual([
      "ScaledObject default/by-queue cannot scale: there is no Deployment default/workers to scale",
    ]);
  });

  test("refuses triggers and fields it does not know", async () => {
    const cluster = await openCluster();
    const triggers = [
      { type: "cron", metadata: { queueURL: "u" } },
      { type: "aws-sqs-queue", metadata: { queueURL: "u", queueLength: 5, scaleOnDelayed: "true" } },
    ];
    const path = "/apis/keda.sh/v1alpha1/namespaces/default/scaledobjects";
    const { body } = await cluster.call("POST", path, scaledObject("workers", { triggers, idleReplicaCount: 0 }));
    expect(body.details.causes.map(({ field }: { field: string }) => field).sort()).toEqual([
      "spec.idleReplicaCount",
      "spec.triggers[0].type",
      "spec.triggers[1].metadata.queueLength",
      "spec.triggers[1].metadata.scaleOnDelayed",
    ]);
  });
});
