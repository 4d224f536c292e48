import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { eksToken } from "#grid/eks-token.ts";
import { DEPLOYMENTS, deployment, IDLE, JOBS, job, openCluster, PODS, TOKEN } from "./fixture.ts";

const causesOf = ({ body }: { body: { details: { causes: { field: string; message: string }[] } } }) =>
  Object.fromEntries(body.details.causes.map(({ field, message }) => [field, message]));

describe("the API", () => {
  test("lets in its token only, as a bearer or as a password, and anybody to /version and /healthz", async () => {
    const { call, origin } = await openCluster();
    const status = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "Unauthorized", code: 401 };
    for (const authorization of ["Bearer wrong", "", `Basic ${btoa("any:wrong")}`, TOKEN]) {
      const { code, body } = await call("GET", JOBS, undefined, { authorization });
      expect([code, body]).toEqual([401, expect.objectContaining(status)]);
    }
    const basic = await call("GET", JOBS, undefined, { authorization: `Basic ${btoa(`any:${TOKEN}`)}` });
    expect(basic.body).toMatchObject({ kind: "JobList", apiVersion: "batch/v1", items: [] });
    expect(await (await fetch(`${origin}/healthz`)).text()).toBe("ok");
    expect(await (await fetch(`${origin}/version`)).json()).toMatchObject({
      major: "1",
      gitVersion: expect.stringMatching(/^v1\./),
    });
  });

  test("lets in a token as EKS takes it, a signed question to STS, and none that only looks like one", async () => {
    const { call } = await openCluster();
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const token = eksToken({ cluster: "local", region: "us-east-1", credentials, now: new Date() });
    const asked = (bearer: string) => call("GET", JOBS, undefined, { authorization: `Bearer ${bearer}` });
    expect((await asked(token)).code).toBe(200);
    const forged = `k8s-aws-v1.${Buffer.from("https://example.com/?Action=GetCallerIdentity").toString("base64url")}`;
    for (const wrong of ["k8s-aws-v1.", forged, token.slice(0, -8)]) expect((await asked(wrong)).code).toBe(401);
  });

  test("answers with the Status objects of Kubernetes for what is not there, already there or misplaced", async () => {
    const { call } = await openCluster();
    const missing = await call("GET", `${JOBS}/none`);
    expect(missing.body).toMatchObject({
      kind: "Status",
      code: 404,
      reason: "NotFound",
      message: 'jobs.batch "none" not found',
      details: { name: "none", group: "batch", kind: "jobs" },
    });
    await call("POST", JOBS, job("one", IDLE));
    const again = await call("POST", JOBS, job("one", IDLE));
    expect(again.body).toMatchObject({
      code: 409,
      reason: "AlreadyExists",
      message: 'jobs.batch "one" already exists',
    });
    const elsewhere = await call("POST", "/apis/batch/v1/namespaces/none/jobs", job("one", IDLE));
    expect(elsewhere.body).toMatchObject({ code: 404, message: 'namespaces "none" not found' });
    expect((await call("POST", DEPLOYMENTS, job("one", IDLE))).code).toBe(400);
    expect((await call("POST", JOBS, "{not json")).body.message).toMatch(/not JSON/);
  });

  test("refuses what it does not implement by name: paths, kinds, methods, parameters", async () => {
    const { call, kubernetes } = await openCluster();
    const message = async (method: string, path: string, body?: object) =>
      (await call(method, path, body)).body.message;
    expect(await message("GET", "/apis/batch/v1/namespaces/default/cronjobs")).toContain("cronjobs");
    expect(await message("GET", `${JOBS}?watch=true`)).toContain("parameter watch");
    expect(await message("POST", `${JOBS}?dryRun=All`, job("one", ""))).toContain("parameter dryRun");
    expect(await message("DELETE", JOBS)).toContain("DELETE of jobs");
    expect(await message("GET", `${PODS}/x/exec`)).toContain("GET of pods/x/exec");
    const cronJob = { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "x" } };
    await expect(kubernetes.apply(cronJob)).rejects.toThrow("does not serve the kind batch/v1 CronJob");
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "x" } };
    await expect(kubernetes.apply(pod)).rejects.toThrow("pods are made by Jobs and Deployments");
  });

  test("refuses fields it does not implement, each by its path, and takes those that mean nothing with a warning", async () => {
    const { call } = await openCluster();
    const pod = { initContainers: [], hostPID: true, tolerations: [], affinity: {}, restartPolicy: "OnFailure" };
    const container = { env: [{ name: "S", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }], lifecycle: {} };
    const refused = await call(
      "POST",
      JOBS,
      job("one", "", { completions: 2, manualSelector: true }, { pod, container }),
    );
    expect(refused.code).toBe(422);
    expect(refused.body.reason).toBe("Invalid");
    expect(Object.keys(causesOf(refused)).sort()).toEqual([
      "spec.completions",
      "spec.manualSelector",
      "spec.template.spec.containers[0].env[0].valueFrom.fieldRef",
      "spec.template.spec.containers[0].env[0].valueFrom.secretKeyRef",
      "spec.template.spec.containers[0].lifecycle",
      "spec.template.spec.hostPID",
      "spec.template.spec.initContainers",
      "spec.template.spec.restartPolicy",
    ]);
    expect(refused.body.message).toContain('Job.batch "one" is invalid: [');
    const taken = await call("POST", JOBS, job("one", "", {}, { pod: { tolerations: [] } }));
    expect(taken.code).toBe(201);
    expect(taken.headers.get("warning")).toContain(
      "spec.template.spec.tolerations means nothing here: every pod runs on this machine",
    );
  });

  test("refuses a pod that refers to what this machine does not have", async () => {
    const { call } = await openCluster({ volumes: { "grid-shared": "/anywhere" } });
    const pod = { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "other" } }] };
    const container = { image: "app:2", volumeMounts: [{ name: "date", mountPath: "/data" }] };
    const causes = causesOf(await call("POST", JOBS, job("one", "", {}, { pod, container })));
    expect(causes).toEqual({
      "spec.template.spec.containers[0].image": 'Invalid value: "app:2": no folder for the image app:2',
      "spec.template.spec.containers[0].volumeMounts[0].name": 'Invalid value: "date": no volume of the pod',
      "spec.template.spec.volumes[0].persistentVolumeClaim.claimName":
        'Invalid value: "other": no folder stands for it; claims that have one: grid-shared',
    });
    const lost = causesOf(await call("POST", JOBS, job("one", "", {}, { container: { workingDir: "/app/none" } })));
    expect(lost["spec.template.spec.containers[0].workingDir"]).toMatch(/there is no folder .*none/);
  });

  test("keeps objects that mean nothing here, so that they can be read again", async () => {
    const { call, kubernetes } = await openCluster();
    await kubernetes.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "grid" } });
    const policy = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "closed", namespace: "grid", labels: { a: "b" } },
      spec: { podSelector: {} },
    };
    await kubernetes.apply(policy);
    const path = "/apis/networking.k8s.io/v1/namespaces/grid/networkpolicies/closed";
    expect((await call("GET", path)).body).toMatchObject(policy);
    await kubernetes.delete("Namespace", "", "grid");
    expect((await call("GET", path)).code).toBe(404);
  });

  test("selects by labels and by name", async () => {
    const { call, kubernetes } = await openCluster();
    const map = (name: string, labels: object) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels } });
    await kubernetes.apply(map("one", { tier: "a", app: "x" }));
    await kubernetes.apply(map("two", { tier: "b", app: "x" }));
    await kubernetes.apply(map("three", { tier: "c" }));
    const names = async (query: string) => {
      const { body } = await call("GET", `/api/v1/configmaps?${new URLSearchParams(query)}`);
      return body.items?.map(({ metadata }: { metadata: { name: string } }) => metadata.name) ?? body.message;
    };
    expect(await names("labelSelector=app=x,tier!=a")).toEqual(["two"]);
    expect(await names("labelSelector=tier in (a, c)")).toEqual(["one", "three"]);
    expect(await names("labelSelector=tier notin (a,b)")).toEqual(["three"]);
    expect(await names("labelSelector=!app")).toEqual(["three"]);
    expect(await names("labelSelector=app")).toEqual(["one", "two"]);
    expect(await names("fieldSelector=metadata.name=two")).toEqual(["two"]);
    expect(await names("fieldSelector=status.phase=Running")).toContain("status.phase");
    expect(await names("labelSelector=a b")).toContain('cannot read "a b"');
  });

  test("patches by merging, and refuses patches it would get wrong", async () => {
    const { call, kubernetes } = await openCluster();
    await kubernetes.apply(deployment("web", IDLE, { replicas: 0 }));
    const patch = (type: string, body: object) =>
      call("PATCH", `${DEPLOYMENTS}/web`, body, { "content-type": `application/${type}+json` });
    const merged = await patch("merge-patch", { spec: { replicas: 1 }, metadata: { labels: { a: "b" } } });
    expect(merged.body).toMatchObject({ spec: { replicas: 1 }, metadata: { labels: { a: "b" }, generation: 2 } });
    expect((await patch("strategic-merge-patch", { spec: { replicas: 0 } })).body.spec.replicas).toBe(0);
    expect((await patch("strategic-merge-patch", { spec: { template: { spec: { containers: [] } } } })).code).toBe(415);
    expect((await patch("json-patch", [])).code).toBe(415);
    expect((await patch("merge-patch", { spec: { relicas: 1 } })).body.details.causes).toMatchObject([
      { field: "spec.relicas" },
    ]);
  });

  test("tells clients such as kubectl which kinds there are", async () => {
    const { call } = await openCluster();
    expect((await call("GET", "/api")).body.versions).toEqual(["v1"]);
    const { body } = await call("GET", "/apis");
    expect(body.groups.map(({ name }: { name: string }) => name)).toContain("keda.sh");
    const { resources } = (await call("GET", "/apis/apps/v1")).body;
    expect(resources.map(({ name }: { name: string }) => name)).toEqual(["deployments", "deployments/scale"]);
    const table = await call("GET", JOBS, undefined, {
      accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
    });
    expect(table.body.columnDefinitions.map(({ name }: { name: string }) => name)).toContain("Completions");
  });
});

describe("a pod", () => {
  test("shares the folder of a claim and has an emptyDir of its own, which goes with it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "claim-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { kubernetes, folder: own } = await openCluster({ volumes: { shared: folder } });
    const pod = {
      volumes: [
        { name: "fsx", persistentVolumeClaim: { claimName: "shared" } },
        { name: "tmp", emptyDir: {} },
      ],
    };
    const container = {
      volumeMounts: [
        { name: "fsx", mountPath: "/fsx" },
        { name: "tmp", mountPath: "/scratch" },
      ],
      env: [
        { name: "OUT", value: "/fsx/out" },
        { name: "SCRATCH", value: "/scratch" },
      ],
    };
    const script = `const { OUT, SCRATCH } = process.env;
      require("fs").writeFileSync(SCRATCH + "/file", "");
      require("fs").writeFileSync(OUT, require("fs").readdirSync(SCRATCH).join())`;
    await kubernetes.apply(job("write", script, {}, { pod, container }));
    await vi.waitFor(() => expect(readFileSync(join(folder, "out"), "utf8")).toBe("file"), 10_000);
    const volumes = join(own, "pods", "volumes");
    expect(readdirSync(volumes)).toHaveLength(1);
    await kubernetes.delete("Job", "default", "write");
    await vi.waitFor(() => expect(readdirSync(volumes)).toEqual([]));
    expect(existsSync(join(folder, "out"))).toBe(true);
  });

  test("gives the last lines or the first bytes of its log", async () => {
    const cluster = await openCluster();
    mkdirSync(join(cluster.folder, "image", "sub"));
    const script = "for (let i = 0; i < 50000; i++) console.log('line ' + i); process.exit(1)";
    const container = { workingDir: "/app/sub" };
    await cluster.kubernetes.apply(job("long", script, { backoffLimit: 0 }, { container }));
    await vi.waitFor(() => expect(cluster.warnings).toHaveLength(1), 10_000);
    const [pod] = (await cluster.call("GET", PODS)).body.items;
    const log = async (query: string) => (await cluster.call("GET", `${PODS}/${pod.metadata.name}/log?${query}`)).body;
    expect(await log("tailLines=2")).toBe("line 49998\nline 49999\n");
    expect((await log("tailLines=20000")).split("\n")).toHaveLength(20_001);
    expect(await log("tailLines=0")).toBe("");
    expect(await log("limitBytes=6&container=main")).toBe("line 0");
    expect((await log("")).length).toBeGreaterThan(400_000);
    expect((await log("container=other")).message).toContain("container other is not valid");
    expect((await log("follow=true")).message).toContain("parameter follow");
    expect((await log("tailLines=x")).message).toContain('tailLines must be a whole number, not "x"');
  });

  test("can be deleted, and counts as failed for its Job", async () => {
    const { call, kubernetes } = await openCluster();
    await kubernetes.apply(job("one", IDLE, { backoffLimit: 0 }));
    const [pod] = (await call("GET", PODS)).body.items;
    const { body } = await call("DELETE", `${PODS}/${pod.metadata.name}?gracePeriodSeconds=0`);
    expect(body).toMatchObject({ kind: "Pod", metadata: { deletionTimestamp: expect.any(String) } });
    await vi.waitFor(async () => {
      expect((await call("GET", `${PODS}/${pod.metadata.name}`)).code).toBe(404);
      expect((await call("GET", `${JOBS}/one`)).body.status.conditions).toMatchObject([{ type: "Failed" }]);
    });
  });
});
