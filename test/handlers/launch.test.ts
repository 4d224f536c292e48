import { Effect, Layer } from "effect";
import { beforeEach, describe, expect, it } from "vitest";
import { bearer, callKubernetes, type KubernetesRequest } from "#grid/kubernetes-server.ts";
import { NAMESPACE } from "#grid/names.ts";
import { StepFunctions } from "#grid/step-functions.ts";
import { KubernetesUnavailable } from "#handlers/launch/errors.ts";
import { launchJob } from "#handlers/launch/launch-job.ts";
import { MasterJobs, masterJobs } from "#handlers/launch/master-jobs.ts";
import { watchJobs } from "#handlers/launch/watch-jobs.ts";
import { type Cluster, openCluster, TOKEN } from "../local/kubernetes/fixture.ts";
import { callbacks } from "./callbacks.ts";

const aws = callbacks();
beforeEach(() => aws.reset());

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;

/** A cluster with the grid's namespace, and the launcher's programs on it. */
async function open() {
  const cluster = await openCluster();
  await cluster.kubernetes.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const call = (request: KubernetesRequest) =>
    Effect.tryPromise({
      try: () => callKubernetes({ endpoint: cluster.origin, certificateAuthority: "", login: bearer(TOKEN) }, request),
      catch: (cause) => new KubernetesUnavailable({ message: String(cause) }),
    });
  const layer = Layer.merge(Layer.succeed(MasterJobs, masterJobs(call)), StepFunctions.layer);
  const run = <A, E>(program: Effect.Effect<A, E, MasterJobs | StepFunctions>) =>
    Effect.runPromise(Effect.provide(program, layer));
  return {
    cluster,
    launch: (job: ReturnType<typeof master>, token = "token-1") =>
      run(launchJob({ job, executionArn: "arn:execution", token })),
    watch: () => run(watchJobs),
  };
}

/** A master that runs a script. */
const master = (name: string, script: string, token = "token-1") => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name, labels: { "app.kubernetes.io/name": "grid-master" }, annotations: { "burstgrid/job": "job-1" } },
  spec: {
    backoffLimit: 0,
    template: {
      spec: {
        restartPolicy: "Never",
        containers: [
          {
            name: "master",
            image: "app:1",
            command: ["node", "-e", script],
            env: [{ name: "BURSTGRID_TASK_TOKEN", value: token }],
          },
        ],
      },
    },
  },
});
const WAITS = "setInterval(() => {}, 1000)";

const read = async ({ call }: Cluster, name: string) => (await call("GET", `${JOBS}/${name}`)).body;
const ended = (cluster: Cluster, name: string, condition: "Complete" | "Failed") =>
  expect
    .poll(async () => (await read(cluster, name)).status.conditions?.[0]?.type, { timeout: 10_000 })
    .toBe(condition);

describe("launching", () => {
  it("creates the Job as it was given, with the execution that wants it", async () => {
    const { cluster, launch } = await open();
    await launch(master("split-1", WAITS));
    const job = await read(cluster, "split-1");
    expect(job.metadata.annotations).toEqual({ "burstgrid/job": "job-1", "burstgrid/execution": "arn:execution" });
    expect(job.spec.template.spec.containers[0].command).toEqual(["node", "-e", WAITS]);
  });

  it("twice, as Lambda may, is launching once", async () => {
    const { cluster, launch } = await open();
    await launch(master("split-1", WAITS));
    await launch(master("split-1", WAITS));
    expect((await cluster.call("GET", JOBS)).body.items).toHaveLength(1);
  });

  it("refuses the name of a Job that was started for another state", async () => {
    const { launch } = await open();
    await launch(master("split-1", WAITS, "token-1"));
    await expect(launch(master("split-1", WAITS, "token-2"), "token-2")).rejects.toThrow(
      "Job split-1: there is one already",
    );
  });

  it("fails for good where the API server refuses, naming what it said", async () => {
    const { launch } = await open();
    await expect(launch(master("Not A Name", WAITS))).rejects.toMatchObject({
      _tag: "Kubernetes.Refused",
      message: expect.stringContaining("Not A Name"),
    });
  });

  it("may be tried again where the API server does not answer", async () => {
    const { cluster, launch } = await open();
    await cluster.kubernetes.close();
    await expect(launch(master("split-1", WAITS))).rejects.toMatchObject({ _tag: "Kubernetes.Unavailable" });
  });
});

describe("looking after masters", () => {
  it("fails the state of a master whose Job failed, with its token and the reason", async () => {
    const { cluster, launch, watch } = await open();
    await launch(master("split-1", "process.exit(7)"));
    await ended(cluster, "split-1", "Failed");
    await watch();
    expect(aws.failures()).toEqual([
      {
        taskToken: "token-1",
        error: "Grid.MasterFailed",
        cause: expect.stringMatching(/^Job split-1: BackoffLimitExceeded/),
      },
    ]);
  });

  it("leaves those alone that run for an execution that runs, and those that are complete", async () => {
    aws.describes({ status: "RUNNING" });
    const { cluster, launch, watch } = await open();
    await launch(master("split-1", WAITS));
    await launch(master("split-2", "process.exit(0)"));
    await ended(cluster, "split-2", "Complete");
    await watch();
    expect(aws.failures()).toEqual([]);
    expect((await cluster.call("GET", JOBS)).body.items).toHaveLength(2);
  });

  it("deletes the Job of an execution that was stopped", async () => {
    aws.describes({ status: "ABORTED" });
    const { cluster, launch, watch } = await open();
    await launch(master("split-1", WAITS));
    await watch();
    expect((await cluster.call("GET", `${JOBS}/split-1`)).code).toBe(404);
  });

  it("touches no Job that is not a master's", async () => {
    aws.describes({ status: "ABORTED" });
    const { cluster, watch } = await open();
    const other = master("other", WAITS);
    await cluster.call("POST", JOBS, { ...other, metadata: { name: "other" } });
    await watch();
    expect((await cluster.call("GET", `${JOBS}/other`)).code).toBe(200);
  });
});
