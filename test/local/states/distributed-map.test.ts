import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineForExecutionCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Cloud, openCloud, types } from "./cloud.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud.close());

const PASS = { StartAt: "P", States: { P: { Type: "Pass", End: true } } };

const CALL = {
  StartAt: "Call",
  States: {
    Call: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: "work", Payload: "{% $states.input %}" },
      Output: "{% $states.result.Payload %}",
      End: true,
    },
  },
};

const distributed = (states: object) => ({
  ...states,
  ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
});

const map = (fields: object) => ({
  StartAt: "Each",
  States: { Each: { Type: "Map", Label: "chunks", ItemProcessor: distributed(PASS), End: true, ...fields } },
});

const READER = {
  ItemReader: {
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: { InputType: "JSONL" },
    Arguments: { Bucket: "data", Key: "{% $states.input.key %}" },
  },
};

const WRITER = {
  ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Arguments: { Bucket: "data", Prefix: "results" } },
};

const mapRunOf = async (executionArn: string) => {
  const { mapRuns = [] } = await cloud.sfn.send(new ListMapRunsCommand({ executionArn }));
  return cloud.sfn.send(new DescribeMapRunCommand({ mapRunArn: mapRuns[0]?.mapRunArn }));
};

const childrenOf = async (mapRunArn: string | undefined, statusFilter?: "FAILED" | "SUCCEEDED") => {
  const { executions = [] } = await cloud.sfn.send(
    new ListExecutionsCommand({ mapRunArn, maxResults: 1000, ...(statusFilter === undefined ? {} : { statusFilter }) }),
  );
  return executions;
};

/** What a Map Run wrote, by file. */
const results = async (output: string | undefined) => {
  const { ResultWriterDetails } = JSON.parse(output ?? "") as { ResultWriterDetails: { Bucket: string; Key: string } };
  const manifest = (await cloud.get(ResultWriterDetails.Key)) as {
    ResultFiles: Record<string, { Key: string; Size: number }[]>;
  };
  return { key: ResultWriterDetails.Key, manifest };
};

describe("a Distributed Map", () => {
  it("gives the children's outputs in the order of the items", async () => {
    const machine = map({ Items: "{% $states.input.list %}", MaxConcurrency: 2 });
    const { output, status } = await cloud.run(machine, { list: [3, { a: 1 }, null, "x"] });
    expect(status).toBe("SUCCEEDED");
    expect(JSON.parse(output ?? "")).toEqual([3, { a: 1 }, null, "x"]);
  });

  it("writes the history AWS writes", async () => {
    const { executionArn = "" } = await cloud.run(map({}), [1, 2]);
    const history = await cloud.history(executionArn);
    expect(types(history)).toEqual([
      "ExecutionStarted",
      "MapStateEntered",
      "MapStateStarted",
      "MapRunStarted",
      "MapRunSucceeded",
      "MapStateSucceeded",
      "MapStateExited",
      "ExecutionSucceeded",
    ]);
    expect(history[2]?.mapStateStartedEventDetails).toEqual({ length: 2 });
    expect(history[3]?.mapRunStartedEventDetails?.mapRunArn).toMatch(
      /^arn:aws:states:us-east-1:000000000000:mapRun:machine\/chunks:[0-9a-f-]{36}$/,
    );
  });

  it("reads JSON lines from S3, hands ItemSelector the item, and runs each as an execution of its own", async () => {
    await cloud.put("items.jsonl", '{"n":1}\n{"n":2}\n\n{"n":"ü"}');
    const machine = map({
      ...READER,
      ItemSelector: {
        item: "{% $states.context.Map.Item.Value.n %}",
        at: "{% $states.context.Map.Item.Index %}",
        of: "{% $states.input.key %}",
      },
      ItemProcessor: distributed({
        StartAt: "P",
        States: { P: { Type: "Pass", Output: ["{% $states.input %}", "{% $states.context %}"], End: true } },
      }),
    });
    const { output, executionArn = "" } = await cloud.run(machine, { key: "items.jsonl" });
    const outputs = JSON.parse(output ?? "") as [object, { Execution: { Id: string; Name: string } }][];
    expect(outputs.map(([input]) => input)).toEqual([
      { item: 1, at: 0, of: "items.jsonl" },
      { item: 2, at: 1, of: "items.jsonl" },
      { item: "ü", at: 2, of: "items.jsonl" },
    ]);
    const mapRun = await mapRunOf(executionArn);
    const children = await childrenOf(mapRun.mapRunArn);
    expect(children).toHaveLength(3);
    expect(children[0]).toMatchObject({ mapRunArn: mapRun.mapRunArn, itemCount: 1, status: "SUCCEEDED" });
    const [, context] = outputs[1] as (typeof outputs)[0];
    expect(context).toMatchObject({
      Execution: { Input: { item: 2 }, RedriveCount: 0 },
      StateMachine: {
        Id: "arn:aws:states:us-east-1:000000000000:stateMachine:machine/chunks",
        Name: "machine/chunks",
      },
    });
    const child = await cloud.sfn.send(new DescribeExecutionCommand({ executionArn: context.Execution.Id }));
    expect(child).toMatchObject({
      executionArn: `arn:aws:states:us-east-1:000000000000:execution:machine/chunks:${context.Execution.Name}`,
      status: "SUCCEEDED",
      mapRunArn: mapRun.mapRunArn,
      input: '{"item":2,"at":1,"of":"items.jsonl"}',
    });
    expect(types(await cloud.history(context.Execution.Id))).toEqual([
      "ExecutionStarted",
      "PassStateEntered",
      "PassStateExited",
      "ExecutionSucceeded",
    ]);
    const definition = await cloud.sfn.send(
      new DescribeStateMachineForExecutionCommand({ executionArn: context.Execution.Id }),
    );
    expect(definition).toMatchObject({ label: "chunks", mapRunArn: mapRun.mapRunArn, name: "machine" });
  });

  it("runs nothing and succeeds when there are no items", async () => {
    await cloud.put("empty.jsonl", "");
    const { output, executionArn = "" } = await cloud.run(map({ ...READER, ...WRITER }), { key: "empty.jsonl" });
    const { manifest } = await results(output);
    expect(manifest.ResultFiles).toEqual({ FAILED: [], PENDING: [], SUCCEEDED: [] });
    expect((await mapRunOf(executionArn)).itemCounts).toMatchObject({ total: 0, pending: 0 });
  });

  it("never runs more children at once than MaxConcurrency", async () => {
    let running = 0;
    let most = 0;
    cloud.functions.set("work", async (payload) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return payload;
    });
    const items = Array.from({ length: 30 }, (_, index) => index);
    const machine = map({ ItemProcessor: distributed(CALL), MaxConcurrency: "{% $states.input.most %}", Items: items });
    const { output } = await cloud.run(machine, { most: 4 });
    expect(JSON.parse(output ?? "")).toEqual(items);
    expect(most).toBe(4);
  });

  it("fails with States.ItemReaderFailed, naming the object, and the line that is not JSON", async () => {
    const missing = await cloud.run(map(READER), { key: "missing.jsonl" });
    expect(missing.error).toBe("States.ItemReaderFailed");
    expect(missing.cause).toContain("s3://data/missing.jsonl: NoSuchKey");
    await cloud.put("broken.jsonl", '{"n":1}\n{"n":');
    const broken = await cloud.run(map(READER), { key: "broken.jsonl" });
    expect(broken).toMatchObject({ status: "FAILED", error: "States.ItemReaderFailed" });
    expect(broken.cause).toContain("s3://data/broken.jsonl: line 2 is not JSON");
    expect(types(await cloud.history(broken.executionArn ?? ""))).toEqual([
      "ExecutionStarted",
      "MapStateEntered",
      "MapStateStarted",
      "MapRunStarted",
      "MapRunFailed",
      "MapStateFailed",
      "ExecutionFailed",
    ]);
  });

  it("fails with States.DataLimitExceeded when the outputs together are over 256 KiB", async () => {
    const state = { Type: "Pass", Output: "{% $pad('', 60000, 'x') %}", End: true };
    const machine = map({ ItemProcessor: distributed({ StartAt: "P", States: { P: state } }) });
    expect((await cloud.run(machine, [1, 2, 3, 4, 5])).error).toBe("States.DataLimitExceeded");
    expect((await cloud.run(machine, [1, 2, 3, 4])).status).toBe("SUCCEEDED");
  });
});

describe("a ResultWriter", () => {
  it("writes what became of each child, by outcome, and a manifest with the sizes", async () => {
    cloud.functions.set("work", (payload) => {
      if (payload === 2) throw new RangeError("two");
      return { was: payload };
    });
    const machine = map({ ItemProcessor: distributed(CALL), ...WRITER, ToleratedFailurePercentage: 40 });
    const { output, status, executionArn = "" } = await cloud.run(machine, [1, 2, 3]);
    expect(status).toBe("SUCCEEDED");
    const mapRun = await mapRunOf(executionArn);
    const id = mapRun.mapRunArn?.split(":").at(-1);
    const { key, manifest } = await results(output);
    expect(key).toBe(`results/${id}/manifest.json`);
    const size = async (name: string) => Buffer.byteLength(JSON.stringify(await cloud.get(name)));
    expect(manifest).toEqual({
      DestinationBucket: "data",
      MapRunArn: mapRun.mapRunArn,
      ResultFiles: {
        FAILED: [{ Key: `results/${id}/FAILED_0.json`, Size: await size(`results/${id}/FAILED_0.json`) }],
        PENDING: [],
        SUCCEEDED: [{ Key: `results/${id}/SUCCEEDED_0.json`, Size: await size(`results/${id}/SUCCEEDED_0.json`) }],
      },
    });
    const succeeded = (await cloud.get(`results/${id}/SUCCEEDED_0.json`)) as Record<string, unknown>[];
    expect(succeeded.map(({ Input, Output }) => [Input, Output]).sort()).toEqual([
      ["1", '{"was":1}'],
      ["3", '{"was":3}'],
    ]);
    expect(succeeded[0]).toMatchObject({ Status: "SUCCEEDED", RedriveCount: 0, InputDetails: { Included: true } });
    const [failed] = (await cloud.get(`results/${id}/FAILED_0.json`)) as Record<string, unknown>[];
    expect(failed).toMatchObject({
      Input: "2",
      Error: "RangeError",
      Status: "FAILED",
      RedriveStatus: "REDRIVABLE_BY_MAP_RUN",
    });
    expect(JSON.parse(String(failed?.["Cause"]))).toEqual({ errorType: "RangeError", errorMessage: "two", trace: [] });
    expect(mapRun.executionCounts).toMatchObject({ total: 3, succeeded: 2, failed: 1, resultsWritten: 3 });
  });
});

describe("tolerance", () => {
  const fails = (payload: unknown) => {
    if (typeof payload === "number" && payload < 0) throw new Error("negative");
    return payload;
  };

  it("fails the Map Run at the first failure when nothing is tolerated, and starts no more children", async () => {
    cloud.functions.set("work", fails);
    const machine = map({ ItemProcessor: distributed(CALL), MaxConcurrency: 1, ...WRITER });
    const { error, status, executionArn = "" } = await cloud.run(machine, [1, -1, 2, 3]);
    expect({ error, status }).toEqual({ error: "States.ExceedToleratedFailureThreshold", status: "FAILED" });
    const mapRun = await mapRunOf(executionArn);
    expect(mapRun.status).toBe("FAILED");
    expect(mapRun.itemCounts).toMatchObject({ total: 4, succeeded: 1, failed: 1, pending: 2, running: 0 });
    const id = mapRun.mapRunArn?.split(":").at(-1);
    expect(await cloud.get(`results/${id}/PENDING_0.json`)).toMatchObject([{ Input: "2" }, { Input: "3" }]);
  });

  it("aborts the children that run when it is exceeded", async () => {
    cloud.functions.set("work", (payload) => (payload === 0 ? Promise.reject(new Error("no")) : new Promise(() => {})));
    const machine = map({ ItemProcessor: distributed(CALL) });
    const { executionArn = "" } = await cloud.run(machine, [1, 2, 0]);
    expect((await mapRunOf(executionArn)).executionCounts).toMatchObject({ aborted: 2, failed: 1 });
  });

  it("tolerates a count or a percentage of the items, which may be expressions", async () => {
    cloud.functions.set("work", fails);
    const of = (fields: object, items: number[]) =>
      cloud.run(map({ ItemProcessor: distributed(CALL), ...fields, Items: items }), {});
    expect((await of({ ToleratedFailureCount: 1 }, [-1, 1, 2])).status).toBe("SUCCEEDED");
    expect((await of({ ToleratedFailureCount: 1 }, [-1, -1, 2])).status).toBe("FAILED");
    expect((await of({ ToleratedFailurePercentage: "{% 10 * 5 %}" }, [-1, 2])).status).toBe("SUCCEEDED");
    expect((await of({ ToleratedFailurePercentage: 49 }, [-1, 2])).status).toBe("FAILED");
    expect((await of({ ToleratedFailurePercentage: 100 }, [-1, -2])).status).toBe("SUCCEEDED");
  });

  it("shows the record of a tolerated failure in the output", async () => {
    cloud.functions.set("work", fails);
    const machine = map({ ItemProcessor: distributed(CALL), ToleratedFailureCount: 1 });
    const { output } = await cloud.run(machine, [5, -1]);
    expect(JSON.parse(output ?? "")).toEqual([
      5,
      expect.objectContaining({ Status: "FAILED", Error: "Error", Input: "-1" }),
    ]);
  });

  it("can be caught", async () => {
    cloud.functions.set("work", fails);
    const machine = {
      StartAt: "Each",
      States: {
        Each: {
          Type: "Map",
          ItemProcessor: distributed(CALL),
          End: true,
          Catch: [
            {
              ErrorEquals: ["States.ExceedToleratedFailureThreshold"],
              Next: "Caught",
              Output: "{% $states.errorOutput.Error %}",
            },
          ],
        },
        Caught: { Type: "Succeed" },
      },
    };
    expect((await cloud.run(machine, [-1])).output).toBe('"States.ExceedToleratedFailureThreshold"');
  });
});

describe("a Map Run", () => {
  it("is counted while it runs", async () => {
    const release = Promise.withResolvers<void>();
    cloud.functions.set("work", async (payload) => {
      if (payload !== 0) await release.promise;
      return payload;
    });
    const executionArn = cloud.start(map({ ItemProcessor: distributed(CALL), MaxConcurrency: 2 }), [0, 1, 2, 3]);
    await vi.waitFor(async () => {
      const { status, maxConcurrency, itemCounts } = await mapRunOf(executionArn);
      expect({ status, maxConcurrency }).toEqual({ status: "RUNNING", maxConcurrency: 2 });
      expect(itemCounts).toMatchObject({ succeeded: 1, running: 2, pending: 1, total: 4 });
    });
    release.resolve();
    expect((await cloud.ended(executionArn)).status).toBe("SUCCEEDED");
    expect((await mapRunOf(executionArn)).itemCounts).toMatchObject({ succeeded: 4, running: 0, pending: 0 });
  });
});

describe("speed", () => {
  it("runs 20,000 Pass children at more than 2,000 a second, from the index in S3 to the result files", async () => {
    const index = Array.from({ length: 20_000 }, (_, chunk) =>
      JSON.stringify({ chunk, first: chunk * 100, count: 100 }),
    );
    await cloud.put("index.jsonl", index.join("\n"));
    const machine = map({ ...READER, ...WRITER, ItemSelector: { chunk: "{% $states.context.Map.Item.Value %}" } });
    const before = performance.now();
    const { status, executionArn = "" } = await cloud.run(machine, { key: "index.jsonl" });
    const perSecond = 20_000 / ((performance.now() - before) / 1000);
    expect(status).toBe("SUCCEEDED");
    expect((await mapRunOf(executionArn)).itemCounts).toMatchObject({ total: 20_000, succeeded: 20_000 });
    // 12,000 were measured on two cores.
    expect(perSecond).toBeGreaterThan(2000);
  });
});
