import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ExecutionNotRedrivable,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Cloud, openCloud, types } from "./cloud.ts";

let cloud: Cloud;
/** What `work` was called with. */
let called: unknown[];
let broken: boolean;
beforeEach(async () => {
  cloud = await openCloud();
  called = [];
  broken = true;
  cloud.functions.set("work", (payload) => {
    called.push(payload);
    const { n } = payload as { n?: number };
    if (broken && (n === undefined || n % 2 === 1)) throw new Error("not yet");
    return payload;
  });
});
afterEach(() => cloud.close());

const call = (fields: object = {}) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: "work", Payload: "{% $states.input %}" },
  Output: "{% $states.result.Payload %}",
  End: true,
  ...fields,
});

const waitForToken = {
  ...call({ Output: "{% $states.result %}" }),
  Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
  Arguments: { FunctionName: "hold", Payload: { n: "{% $states.input %}", token: "{% $states.context.Task.Token %}" } },
};

const distributed = (state: object, fields: object = {}) => ({
  StartAt: "Each",
  States: {
    Each: {
      Type: "Map",
      Label: "chunks",
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Do",
        States: { Do: state },
      },
      End: true,
      ...fields,
    },
  },
});

const redrive = (executionArn: string, clientToken?: string) =>
  cloud.sfn.send(new RedriveExecutionCommand({ executionArn, ...(clientToken === undefined ? {} : { clientToken }) }));

const mapRunsOf = async (executionArn: string) => {
  const { mapRuns = [] } = await cloud.sfn.send(new ListMapRunsCommand({ executionArn }));
  return Promise.all(mapRuns.map(({ mapRunArn }) => cloud.sfn.send(new DescribeMapRunCommand({ mapRunArn }))));
};

describe("RedriveExecution", () => {
  it("goes on at the failed state with the same input and variables", async () => {
    const machine = {
      StartAt: "First",
      States: {
        First: { Type: "Pass", Assign: { kept: "{% $states.input.a %}" }, Output: { x: 1 }, Next: "Do" },
        Do: call({
          Arguments: {
            FunctionName: "work",
            Payload: {
              input: "{% $states.input %}",
              kept: "{% $kept %}",
              execution: "{% $states.context.Execution %}",
            },
          },
          Output: "{% $states.result.Payload.kept %}",
        }),
      },
    };
    const { executionArn = "" } = await cloud.run(machine, { a: "A" });
    broken = false;
    const { redriveDate } = await redrive(executionArn);
    const described = await cloud.ended(executionArn);
    expect(described).toMatchObject({ status: "SUCCEEDED", output: '"A"', redriveCount: 1, redriveDate });
    expect(described.error).toBeUndefined();
    expect(called).toEqual([
      { input: { x: 1 }, kept: "A", execution: expect.objectContaining({ RedriveCount: 0 }) },
      {
        input: { x: 1 },
        kept: "A",
        execution: expect.objectContaining({ RedriveCount: 1, RedriveTime: redriveDate?.toISOString() }),
      },
    ]);
    expect((called[0] as { execution: object }).execution).not.toHaveProperty("RedriveTime");
    const history = await cloud.history(executionArn);
    expect(types(history).slice(6)).toEqual([
      "TaskFailed",
      "ExecutionFailed",
      "ExecutionRedriven",
      "TaskScheduled",
      "TaskStarted",
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
    expect(history.map(({ id }) => id)).toEqual(history.map((_, index) => index + 1));
    expect(cloud.events.map(({ detail }) => [detail.status, detail.redriveCount])).toEqual([
      ["RUNNING", 0],
      ["FAILED", 0],
      ["RUNNING", 1],
      ["SUCCEEDED", 1],
    ]);
  });

  it("has all its retries again", async () => {
    const Retry = [{ ErrorEquals: ["Error"], MaxAttempts: 1, IntervalSeconds: 1, JitterStrategy: "FULL" }];
    const { executionArn = "" } = await cloud.run({ StartAt: "Do", States: { Do: call({ Retry }) } });
    await redrive(executionArn);
    await cloud.ended(executionArn);
    expect(called).toHaveLength(4);
  });

  it("enters a Fail state again", async () => {
    const { executionArn = "" } = await cloud.run({ StartAt: "F", States: { F: { Type: "Fail", Error: "Always" } } });
    await redrive(executionArn);
    expect(await cloud.ended(executionArn)).toMatchObject({ status: "FAILED", error: "Always", redriveCount: 1 });
  });

  it("refuses what runs, what succeeded and a child of a Map Run", async () => {
    const waiting = cloud.start({ StartAt: "W", States: { W: { Type: "Wait", Seconds: 1000, End: true } } });
    await expect(redrive(waiting)).rejects.toThrow(ExecutionNotRedrivable);
    const { executionArn = "" } = await cloud.run({ StartAt: "S", States: { S: { Type: "Succeed" } } });
    await expect(redrive(executionArn)).rejects.toThrow("Execution is SUCCEEDED and cannot be redriven");
    const parent = await cloud.run(distributed(call()), [{ n: 1 }]);
    const [mapRun] = await mapRunsOf(parent.executionArn ?? "");
    const { executions = [] } = await cloud.sfn.send(new ListExecutionsCommand({ mapRunArn: mapRun?.mapRunArn }));
    await expect(redrive(executions[0]?.executionArn ?? "")).rejects.toThrow("child of a Map Run");
  });

  it("does nothing when it is repeated with the same client token", async () => {
    const { executionArn = "" } = await cloud.run({ StartAt: "Do", States: { Do: call() } });
    const first = await redrive(executionArn, "token");
    await cloud.ended(executionArn);
    expect((await redrive(executionArn, "token")).redriveDate).toEqual(first.redriveDate);
    expect((await cloud.ended(executionArn)).redriveCount).toBe(1);
  });

  it("gives a callback task a new token; the old one is closed", async () => {
    const held: { token: string }[] = [];
    cloud.functions.set("hold", (payload) => void held.push(payload as { token: string }));
    const machine = { StartAt: "Do", States: { Do: waitForToken } };
    const executionArn = cloud.start(machine, 1);
    await vi.waitFor(() => expect(held).toHaveLength(1));
    await cloud.sfn.send(new StopExecutionCommand({ executionArn }));
    await redrive(executionArn);
    await vi.waitFor(() => expect(held).toHaveLength(2));
    const send = (index: number) =>
      cloud.sfn.send(new SendTaskSuccessCommand({ taskToken: held[index]?.token, output: "2" }));
    await expect(send(0)).rejects.toThrow(TaskTimedOut);
    await send(1);
    expect((await cloud.ended(executionArn)).output).toBe("2");
  });
});

describe("redrive of a Distributed Map", () => {
  const items = [{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }];

  it("runs the failed children again in the same Map Run and keeps those that succeeded", async () => {
    const { executionArn = "" } = await cloud.run(
      distributed(call(), { MaxConcurrency: 1, ToleratedFailureCount: 1 }),
      items,
    );
    const [failed] = await mapRunsOf(executionArn);
    expect(failed?.itemCounts).toMatchObject({ succeeded: 2, failed: 2, pending: 1, total: 5 });
    broken = false;
    await redrive(executionArn);
    const { output, status } = await cloud.ended(executionArn);
    expect(status).toBe("SUCCEEDED");
    expect(JSON.parse(output ?? "")).toEqual(items);
    const mapRuns = await mapRunsOf(executionArn);
    expect(mapRuns).toHaveLength(1);
    expect(mapRuns[0]).toMatchObject({
      mapRunArn: failed?.mapRunArn,
      status: "SUCCEEDED",
      redriveCount: 1,
      itemCounts: { succeeded: 5, failed: 0, pending: 0, pendingRedrive: 0, total: 5 },
    });
    expect(called.map((payload) => (payload as { n: number }).n)).toEqual([0, 1, 2, 3, 1, 3, 4]);
    const { mapRunArn } = mapRuns[0] ?? {};
    const { executions = [] } = await cloud.sfn.send(new ListExecutionsCommand({ mapRunArn }));
    expect(executions.map(({ redriveCount }) => redriveCount)).toEqual([0, 1, 0, 1, 0]);
    expect(types(await cloud.history(executionArn))).toContain("MapRunRedriven");
  });

  it("goes over the items as they were, even if the object has changed", async () => {
    await cloud.put("items.jsonl", items.map((item) => JSON.stringify(item)).join("\n"));
    const machine = distributed(call(), {
      MaxConcurrency: 1,
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "JSONL" },
        Arguments: { Bucket: "data", Key: "items.jsonl" },
      },
    });
    const { executionArn = "" } = await cloud.run(machine);
    await cloud.put("items.jsonl", '{"n":100}');
    broken = false;
    await redrive(executionArn);
    expect(JSON.parse((await cloud.ended(executionArn)).output ?? "")).toEqual(items);
  });

  it("lists successes of all attempts and failures of the last one in the manifest", async () => {
    const machine = distributed(call(), {
      ToleratedFailureCount: 0,
      ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Arguments: { Bucket: "data", Prefix: "r/" } },
    });
    const { executionArn = "" } = await cloud.run(machine, [{ n: 0 }, { n: 1 }]);
    broken = false;
    await redrive(executionArn);
    const { output } = await cloud.ended(executionArn);
    const { ResultWriterDetails } = JSON.parse(output ?? "") as { ResultWriterDetails: { Key: string } };
    expect(ResultWriterDetails.Key).toMatch(/^r\/[0-9a-f-]+\/manifest.json$/);
    const manifest = (await cloud.get(ResultWriterDetails.Key)) as { ResultFiles: Record<string, { Key: string }[]> };
    expect(manifest.ResultFiles["FAILED"]).toEqual([]);
    expect(await cloud.get(manifest.ResultFiles["SUCCEEDED"]?.[0]?.Key ?? "")).toHaveLength(2);
  });

  it("starts a new Map Run when the Map's result, not the run, was what failed", async () => {
    broken = false;
    const machine = distributed(call(), { Output: "{% $states.input[0].fail ? $missing : 'fine' %}" });
    const { executionArn = "" } = await cloud.run(machine, [{ n: 0, fail: true }]);
    await redrive(executionArn);
    await cloud.ended(executionArn);
    expect(await mapRunsOf(executionArn)).toHaveLength(2);
    expect(called).toHaveLength(2);
  });
});

describe("StopExecution", () => {
  it("aborts the execution and its children, which a redrive runs again", async () => {
    const held: { n: number; token: string }[] = [];
    cloud.functions.set("hold", (payload) => void held.push(payload as { n: number; token: string }));
    const executionArn = cloud.start(distributed(waitForToken, { MaxConcurrency: 2 }), [1, 2, 3]);
    await vi.waitFor(() => expect(held).toHaveLength(2));
    await cloud.sfn.send(new SendTaskSuccessCommand({ taskToken: held[0]?.token, output: "10" }));
    await vi.waitFor(() => expect(held).toHaveLength(3));
    await cloud.sfn.send(new StopExecutionCommand({ executionArn, error: "Mine", cause: "stop" }));
    expect(await cloud.ended(executionArn)).toMatchObject({ status: "ABORTED", error: "Mine", cause: "stop" });
    const [mapRun] = await mapRunsOf(executionArn);
    expect(mapRun).toMatchObject({ status: "ABORTED", itemCounts: { succeeded: 1, aborted: 2, running: 0 } });

    await redrive(executionArn);
    await vi.waitFor(() => expect(held).toHaveLength(5));
    expect(held.slice(3).map(({ n }) => n)).toEqual([2, 3]);
    for (const { n, token } of held.slice(3)) {
      await cloud.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: String(n * 10) }));
    }
    expect((await cloud.ended(executionArn)).output).toBe("[10,20,30]");
  });

  it("aborts one child alone, which counts as a failed item", async () => {
    cloud.functions.set("hold", () => undefined);
    const executionArn = cloud.start(distributed(waitForToken, { ToleratedFailurePercentage: 100 }), [1]);
    const child = await vi.waitFor(async () => {
      const [mapRun] = await mapRunsOf(executionArn);
      const { executions = [] } = await cloud.sfn.send(new ListExecutionsCommand({ mapRunArn: mapRun?.mapRunArn }));
      expect(executions).toHaveLength(1);
      return executions[0]?.executionArn;
    });
    await cloud.sfn.send(new StopExecutionCommand({ executionArn: child }));
    expect((await cloud.ended(executionArn)).status).toBe("SUCCEEDED");
    expect((await mapRunsOf(executionArn))[0]?.itemCounts).toMatchObject({ aborted: 1 });
  });
});

describe("a process that ended while executions ran", () => {
  it("leaves them ABORTED and redrivable: a task goes on in the state it was in", async () => {
    const held: { token: string }[] = [];
    cloud.functions.set("hold", (payload) => void held.push(payload as { token: string }));
    const machine = {
      StartAt: "First",
      States: { First: { Type: "Pass", Assign: { v: 7 }, Next: "Do" }, Do: { ...waitForToken, Output: "{% $v %}" } },
    };
    const executionArn = cloud.start(machine, "in");
    await vi.waitFor(() => expect(held).toHaveLength(1));
    cloud.events.length = 0;
    await cloud.reopen();
    expect(cloud.states.interrupted.map((each) => each.executionArn)).toEqual([executionArn]);
    const described = await cloud.ended(executionArn);
    expect(described).toMatchObject({ status: "ABORTED", error: "LocalGrid.Stopped", redriveStatus: "REDRIVABLE" });
    expect(types(await cloud.history(executionArn)).at(-1)).toBe("ExecutionAborted");
    cloud.states.announceInterrupted();
    expect(cloud.events.map(({ detail }) => [detail.status, detail.error])).toEqual([["ABORTED", "LocalGrid.Stopped"]]);

    const old = cloud.sfn.send(new SendTaskSuccessCommand({ taskToken: held[0]?.token, output: "1" }));
    await expect(old).rejects.toThrow(TaskTimedOut);
    await expect(redrive(executionArn)).rejects.toThrow("does not exist");
    const definition = JSON.stringify({ QueryLanguage: "JSONata", ...machine });
    cloud.states.deploy({ name: "machine", definition, roleArn: "arn:aws:iam::000000000000:role/r" });
    await redrive(executionArn);
    await vi.waitFor(() => expect(held).toHaveLength(2));
    await cloud.sfn.send(new SendTaskSuccessCommand({ taskToken: held[1]?.token, output: "1" }));
    expect(await cloud.ended(executionArn)).toMatchObject({ status: "SUCCEEDED", output: "7", redriveCount: 1 });
    const ids = (await cloud.history(executionArn)).map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
  });

  it("goes on with a Map Run: children that succeeded are kept, the others run", async () => {
    const held: { n: number; token: string }[] = [];
    cloud.functions.set("hold", (payload) => void held.push(payload as { n: number; token: string }));
    const machine = distributed(waitForToken, { MaxConcurrency: 2 });
    const executionArn = cloud.start(machine, [1, 2, 3, 4]);
    await vi.waitFor(() => expect(held).toHaveLength(2));
    await cloud.sfn.send(new SendTaskSuccessCommand({ taskToken: held[0]?.token, output: '"one"' }));
    await vi.waitFor(() => expect(held).toHaveLength(3));
    await cloud.reopen();
    const [mapRun] = await mapRunsOf(executionArn);
    expect(mapRun).toMatchObject({ status: "ABORTED", itemCounts: { succeeded: 1, aborted: 2, pending: 1, total: 4 } });
    const aborted = await cloud.sfn.send(
      new ListExecutionsCommand({ mapRunArn: mapRun?.mapRunArn, statusFilter: "ABORTED" }),
    );
    expect(aborted.executions).toHaveLength(2);
    const [child] = aborted.executions ?? [];
    const described = await cloud.sfn.send(new DescribeExecutionCommand({ executionArn: child?.executionArn }));
    expect(described).toMatchObject({ status: "ABORTED", redriveStatus: "REDRIVABLE_BY_MAP_RUN" });

    const definition = JSON.stringify({ QueryLanguage: "JSONata", ...machine });
    cloud.states.deploy({ name: "machine", definition, roleArn: "arn:aws:iam::000000000000:role/r" });
    await cloud.states.redrive(executionArn);
    const answered = new Set<string>();
    await vi.waitFor(async () => {
      for (const { n, token } of held.slice(3)) {
        if (answered.has(token)) continue;
        answered.add(token);
        await cloud.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: `"again ${n}"` }));
      }
      expect(answered.size).toBe(3);
    });
    expect((await cloud.ended(executionArn)).output).toBe('["one","again 2","again 3","again 4"]');
  });

  it("keeps what was over: records, histories and children", async () => {
    broken = false;
    const { executionArn = "", output } = await cloud.run(distributed(call()), [{ n: 0 }, { n: 1 }]);
    const history = await cloud.history(executionArn);
    await cloud.reopen();
    expect(cloud.states.interrupted).toEqual([]);
    expect(await cloud.ended(executionArn)).toMatchObject({ status: "SUCCEEDED", output });
    expect(await cloud.history(executionArn)).toEqual(history);
    const [mapRun] = await mapRunsOf(executionArn);
    const { executions = [] } = await cloud.sfn.send(new ListExecutionsCommand({ mapRunArn: mapRun?.mapRunArn }));
    const child = await cloud.sfn.send(new DescribeExecutionCommand({ executionArn: executions[0]?.executionArn }));
    expect(child).toMatchObject({ status: "SUCCEEDED", input: '{"n":1}', output: '{"n":1}' });
  });

  it("leaves out what a killed process wrote half of", async () => {
    const { executionArn = "" } = await cloud.run({ StartAt: "S", States: { S: { Type: "Succeed" } } });
    await cloud.states.close();
    const file = join(cloud.folder, "executions", "executions.jsonl");
    expect(existsSync(file)).toBe(true);
    appendFileSync(file, '{"executionArn":"arn:aws:stat');
    await cloud.reopen();
    expect((await cloud.ended(executionArn)).status).toBe("SUCCEEDED");
    await cloud.run({ StartAt: "S", States: { S: { Type: "Succeed" } } });
    for (const line of readFileSync(file, "utf8").trimEnd().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  });
});
