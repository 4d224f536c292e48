import { SendTaskSuccessCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Cloud, openCloud, ROLE, types } from "./cloud.ts";
import { type Cluster, openCluster } from "./cluster.ts";

let cloud: Cloud;
let cluster: Cluster;
beforeAll(async () => {
  cloud = await openCloud();
});
beforeEach(async () => {
  cluster = await openCluster();
  return () => cluster.close();
});
afterAll(() => cloud.close());

const PATH = "/kubernetes/apis/batch/v1/namespaces/grid/jobs";

const machine = (fields: object = {}) => ({
  StartAt: "Run",
  States: {
    Run: {
      Type: "Task",
      Resource: "arn:aws:states:::eks:runJob.sync",
      Arguments: {
        ClusterName: "local",
        CertificateAuthority: "",
        Endpoint: cluster.endpoint,
        Namespace: "grid",
        LogOptions: { RetrieveLogs: false },
        Job: {
          apiVersion: "batch/v1",
          kind: "Job",
          metadata: { name: "split-1" },
          spec: { template: { env: "{% $states.context.Task.Token %}" } },
        },
      },
      End: true,
      ...fields,
    },
  },
});

/** The Job once it was created. */
const created = (): Promise<{ status?: object; spec: { template: { env: string } } }> =>
  vi.waitFor(() => {
    const job = cluster.jobs.get(`${PATH}/split-1`);
    if (job === undefined) throw new Error("no Job yet");
    return job as Awaited<ReturnType<typeof created>>;
  });

const finish = async (type: string) => {
  (await created()).status = { conditions: [{ type, status: "True" }] };
};

describe("eks:runJob.sync", () => {
  it("creates the Job below the endpoint's path, with a bearer token, and gives the Job when it is complete", async () => {
    const executionArn = cloud.start(machine());
    await finish("Complete");
    const { output, status } = await cloud.ended(executionArn);
    expect(status).toBe("SUCCEEDED");
    expect(JSON.parse(output ?? "")).toMatchObject({ kind: "Job", status: { conditions: [{ type: "Complete" }] } });
    expect(cluster.requests[0]).toBe(`POST ${PATH}`);
    expect([...cluster.tokens]).toEqual(["Bearer local"]);
    expect(cluster.requests.filter((request) => request.startsWith("DELETE"))).toEqual([]);
    expect(types(await cloud.history(executionArn)).slice(2, 6)).toEqual([
      "TaskScheduled",
      "TaskStarted",
      "TaskSubmitted",
      "TaskSucceeded",
    ]);
  });

  it("fails with States.TaskFailed and the Job as the cause when the Job fails", async () => {
    const executionArn = cloud.start(machine());
    await finish("Failed");
    const { error, cause } = await cloud.ended(executionArn);
    expect(error).toBe("States.TaskFailed");
    expect(JSON.parse(cause ?? "")).toMatchObject({ status: { conditions: [{ type: "Failed" }] } });
    expect(cluster.jobs.size).toBe(1);
  });

  it("ends early by the task's token, and leaves the Job alone", async () => {
    const executionArn = cloud.start(machine());
    const taskToken = (await created()).spec.template.env;
    await cloud.sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"tasks":3}' }));
    expect((await cloud.ended(executionArn)).output).toBe('{"tasks":3}');
    const polls = cluster.requests.length;
    await finish("Complete");
    expect(cluster.jobs.size).toBe(1);
    expect(cluster.requests.length - polls).toBeLessThanOrEqual(1);
  });

  it("fails with EKS.<status> when the API server refuses", async () => {
    cluster.refuse = 409;
    const { error, cause } = await cloud.run(machine());
    expect(error).toBe("EKS.409");
    expect(JSON.parse(cause ?? "")).toEqual({
      ResponseBody: { kind: "Status", code: 409 },
      StatusCode: 409,
      StatusText: "Conflict",
    });
  });

  it("speaks to the API server as the role of its state machine, with the Job as the cluster admits it", async () => {
    const asRole = await openCloud({
      cluster: {
        loginOf: (roleArn) => ({ headers: { authorization: `Bearer of ${roleArn}` } }),
        admit: (job) => ({ ...(job as object), kind: "Admitted" }),
      },
    });
    const executionArn = asRole.start(machine());
    await finish("Complete");
    expect((await asRole.ended(executionArn)).output).toContain(`"kind":"Admitted"`);
    expect([...cluster.tokens]).toEqual([`Bearer of ${ROLE}`]);
    await asRole.close();
  });

  it("fails with EKS.401 when the cluster does not let its role in", async () => {
    const outside = await openCloud({ cluster: { loginOf: () => undefined, admit: (job) => job } });
    const { error, cause } = await outside.run(machine());
    expect({ error, cause }).toEqual({ error: "EKS.401", cause: `the cluster has no access entry for ${ROLE}` });
    expect(cluster.requests).toEqual([]);
    await outside.close();
  });

  it("fails with EKS.404 when the Job is deleted under it", async () => {
    const executionArn = cloud.start(machine());
    await created();
    cluster.jobs.clear();
    expect((await cloud.ended(executionArn)).error).toBe("EKS.404");
  });

  it("fails naming the endpoint when nothing answers there", async () => {
    cluster.close();
    const { error, cause } = await cloud.run(machine());
    expect(error).toBe("States.TaskFailed");
    expect(cause).toContain(`${cluster.endpoint}: no answer`);
  });

  it("deletes the Job when the state times out", async () => {
    const { error } = await cloud.run(machine({ TimeoutSeconds: 1 }));
    expect(error).toBe("States.Timeout");
    await vi.waitFor(() => expect(cluster.jobs.size).toBe(0));
    expect(cluster.requests.at(-1)).toBe(`DELETE ${PATH}/split-1?propagationPolicy=Background`);
  });

  it("deletes the Job when the execution is stopped", async () => {
    const executionArn = cloud.start(machine());
    await created();
    await cloud.sfn.send(new StopExecutionCommand({ executionArn, error: "Cancelled", cause: "by hand" }));
    expect(await cloud.ended(executionArn)).toMatchObject({ status: "ABORTED", error: "Cancelled", cause: "by hand" });
    await vi.waitFor(() => expect(cluster.jobs.size).toBe(0));
  });
});
