import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type Cluster, IDLE, isAlive, JOBS, job, openCluster, PODS } from "./fixture.ts";

const conditionOf = async (cluster: Cluster, name: string) =>
  vi.waitFor(async () => {
    const { body } = await cluster.call("GET", `${JOBS}/${name}`);
    expect(body.status.conditions).toHaveLength(1);
    return { ...body.status.conditions[0], status: body.status };
  }, 10_000);

describe("a Job", () => {
  test("runs its container and is Complete when it exits with 0", async () => {
    const cluster = await openCluster();
    const created = await cluster.call("POST", JOBS, job("one", "console.log('hello'); console.error('there')"));
    expect(created.code).toBe(201);
    expect(created.body.metadata).toMatchObject({ name: "one", namespace: "default", uid: expect.any(String) });
    const { type, status } = await conditionOf(cluster, "one");
    expect(type).toBe("Complete");
    expect(status).toMatchObject({ succeeded: 1, failed: 0, active: 0, startTime: expect.any(String) });

    const pods = await cluster.call("GET", `${PODS}?labelSelector=job-name%3Done`);
    expect(pods.body.items).toHaveLength(1);
    const [pod] = pods.body.items;
    expect(pod.status).toMatchObject({ phase: "Succeeded" });
    expect(pod.status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
    const log = await cluster.call("GET", `${PODS}/${pod.metadata.name}/log?tailLines=1`);
    expect(log.body).toBe("there\n");
  });

  test("starts a new pod, with a new uid, after a failed one and then completes", async () => {
    const cluster = await openCluster();
    const file = join(cluster.folder, "tries");
    writeFileSync(file, "");
    const script = `require("fs").appendFileSync("${file}", process.env.UID + "\\n");
      process.exit(require("fs").readFileSync("${file}", "utf8").split("\\n").length > 3 ? 0 : 7)`;
    const env = [{ name: "UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } }];
    await cluster.kubernetes.apply(job("thrice", script, { backoffLimit: 3 }, { container: { env } }));
    const { type, status } = await conditionOf(cluster, "thrice");
    expect(type).toBe("Complete");
    expect(status).toMatchObject({ succeeded: 1, failed: 2 });
    expect(new Set(readFileSync(file, "utf8").trim().split("\n")).size).toBe(3);
    expect(cluster.warnings[0]).toMatch(/pod default\/thrice-\w+ failed after .* exit code 7/);
  });

  test("has failed with BackoffLimitExceeded after one pod more than the limit", async () => {
    const cluster = await openCluster();
    await cluster.kubernetes.apply(job("bad", "console.log('why'); process.exit(3)", { backoffLimit: 1 }));
    const { type, reason, status } = await conditionOf(cluster, "bad");
    expect([type, reason, status.failed]).toEqual(["Failed", "BackoffLimitExceeded", 2]);
    const { body } = await cluster.call("GET", PODS);
    const codes = body.items.map(
      (pod: never) => pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"],
    );
    expect(codes).toEqual([3, 3]);
    expect(cluster.warnings[0]).toContain("why");
  });

  test("fails at once by a podFailurePolicy rule for its exit code", async () => {
    const cluster = await openCluster();
    const rules = [{ action: "FailJob", onExitCodes: { operator: "In", values: [42] } }];
    await cluster.kubernetes.apply(job("policy", "process.exit(42)", { podFailurePolicy: { rules } }));
    const { reason, message, status } = await conditionOf(cluster, "policy");
    expect([reason, status.failed]).toEqual(["PodFailurePolicy", 1]);
    expect(message).toContain("exit code 42 matching FailJob rule at index 0");
  });

  test("ends its pod and has failed with DeadlineExceeded when it is active for too long", async () => {
    const cluster = await openCluster();
    const calm = `process.on("SIGTERM", () => process.exit(0)); ${IDLE}`;
    await cluster.kubernetes.apply(job("slow", calm, { activeDeadlineSeconds: 1 }));
    const { type, reason } = await conditionOf(cluster, "slow");
    expect([type, reason]).toEqual(["Failed", "DeadlineExceeded"]);
    const { body } = await cluster.call("GET", PODS);
    expect(body.items[0].status.phase).toBe("Succeeded");
  });

  test("is deleted with its pods when its time to live after the end is over", async () => {
    const cluster = await openCluster();
    await cluster.kubernetes.apply(job("brief", "", { ttlSecondsAfterFinished: 0 }));
    await vi.waitFor(async () => {
      expect((await cluster.call("GET", `${JOBS}/brief`)).code).toBe(404);
      expect((await cluster.call("GET", PODS)).body.items).toEqual([]);
    }, 10_000);
  });

  test("takes its pods with it when deleted with a propagation policy, and leaves them to themselves without", async () => {
    const cluster = await openCluster();
    await cluster.kubernetes.apply(job("with", IDLE));
    await cluster.kubernetes.apply(job("without", IDLE));
    expect((await cluster.call("DELETE", `${JOBS}/with?propagationPolicy=Background`)).body.status).toBe("Success");
    expect((await cluster.call("DELETE", `${JOBS}/without`)).body.status).toBe("Success");
    expect((await cluster.call("GET", JOBS)).body.items).toEqual([]);
    await vi.waitFor(async () => {
      const { body } = await cluster.call("GET", PODS);
      expect(body.items).toHaveLength(1);
      expect(body.items[0].metadata.labels["job-name"]).toBe("without");
    });
  });

  test("counts a pod killed by a signal as failed with 128 + its number", async () => {
    const cluster = await openCluster();
    await cluster.kubernetes.apply(job("killed", IDLE, { backoffLimit: 0 }));
    const [pod] = (await cluster.call("GET", PODS)).body.items;
    const id = Number(pod.status.containerStatuses[0].containerID.replace("process://", ""));
    process.kill(id, "SIGKILL");
    expect((await conditionOf(cluster, "killed")).reason).toBe("BackoffLimitExceeded");
    expect(isAlive(id)).toBe(false);
    const after = await cluster.call("GET", `${PODS}/${pod.metadata.name}`);
    expect(after.body.status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 137, signal: 9 });
  });

  test("fails when its program cannot be found, with the shell's word for it in the log", async () => {
    const cluster = await openCluster();
    await cluster.kubernetes.apply(
      job("none", "", { backoffLimit: 0 }, { container: { command: ["no-such-program"] } }),
    );
    expect((await conditionOf(cluster, "none")).type).toBe("Failed");
    await vi.waitFor(() => expect(cluster.warnings[0]).toContain("exit code 127"));
    expect(cluster.warnings[0]).toContain("no-such-program");
  });
});
