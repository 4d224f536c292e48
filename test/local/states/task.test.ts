import {
  InvalidOutput,
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Cloud, openCloud, types } from "./cloud.ts";

let cloud: Cloud;
/** Payloads the function `work` was called with. */
let calls: { token?: string }[];
beforeAll(async () => {
  cloud = await openCloud();
});
beforeEach(() => {
  calls = [];
  cloud.functions.set("work", (payload) => void calls.push(payload as object));
});
afterAll(() => cloud.close());

const invoke = (fields: object = {}) => ({
  StartAt: "Call",
  States: {
    Call: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: "work", Payload: "{% $states.input %}" },
      End: true,
      ...fields,
    },
    Caught: { Type: "Succeed" },
  },
});

const wait = (fields: object = {}) =>
  invoke({
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    Arguments: { FunctionName: "work", Payload: { token: "{% $states.context.Task.Token %}" } },
    Catch: [{ ErrorEquals: ["Never"], Next: "Caught" }],
    ...fields,
  });

/** `invoke` without the state nothing leads to. */
const plain = (fields: object = {}) => {
  const machine = invoke(fields);
  return { ...machine, States: { Call: machine.States.Call } };
};

const catchAll = (name: string, next = "Caught") => [
  { ErrorEquals: [name], Next: next, Output: "{% $states.errorOutput %}" },
];

const nextToken = (count = 1): Promise<string> =>
  vi.waitFor(() => {
    const token = calls[count - 1]?.token;
    if (token === undefined) throw new Error(`the function was called ${calls.length} times`);
    return token;
  });

describe("lambda:invoke", () => {
  it("gives Payload, StatusCode and ExecutedVersion", async () => {
    cloud.functions.set("work", (payload) => ({ got: payload }));
    const { output, executionArn = "" } = await cloud.run(plain(), { a: 1 });
    expect(JSON.parse(output ?? "")).toEqual({
      ExecutedVersion: "$LATEST",
      Payload: { got: { a: 1 } },
      StatusCode: 200,
    });
    const history = await cloud.history(executionArn);
    expect(types(history)).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
    expect(history[2]?.taskScheduledEventDetails).toEqual({
      resourceType: "lambda",
      resource: "invoke",
      region: "us-east-1",
      parameters: '{"FunctionName":"work","Payload":{"a":1}}',
    });
    expect(history.map(({ previousEventId }) => previousEventId)).toEqual([0, 0, 2, 3, 4, 5, 6]);
  });

  it("fails with the function's error type, and the error as JSON in the cause", async () => {
    cloud.functions.set("work", () => {
      throw new RangeError("too far");
    });
    const { error, cause, executionArn = "" } = await cloud.run(plain());
    expect(error).toBe("RangeError");
    expect(JSON.parse(cause ?? "")).toEqual({ errorType: "RangeError", errorMessage: "too far", trace: [] });
    const history = await cloud.history(executionArn);
    expect(types(history).slice(-2)).toEqual(["TaskFailed", "ExecutionFailed"]);
    expect(history.at(-2)?.taskFailedEventDetails).toMatchObject({ resource: "invoke", resourceType: "lambda", error });
  });

  it("fails with Lambda.ResourceNotFoundException for a function that does not exist", async () => {
    const { error } = await cloud.run(plain({ Arguments: { FunctionName: "{% 'no' & 'body' %}" } }));
    expect(error).toBe("Lambda.ResourceNotFoundException");
  });

  it("fails with States.DataLimitExceeded when the result is over 256 KiB, which States.ALL does not catch", async () => {
    cloud.functions.set("work", () => "x".repeat(256 * 1024));
    expect((await cloud.run(invoke({ Catch: catchAll("States.ALL") }))).error).toBe("States.DataLimitExceeded");
  });

  it("refuses an argument that an expression made and the engine does not know", async () => {
    const { cause } = await cloud.run(plain({ Arguments: "{% {'FunctionName': 'work', 'Qualifier': '1'} %}" }));
    expect(cause).toBe("Call: Arguments.Qualifier: not supported by the local engine");
  });

  it("times out after TimeoutSeconds", async () => {
    cloud.functions.set("work", () => new Promise(() => {}));
    const { error, status, executionArn = "" } = await cloud.run(plain({ TimeoutSeconds: "{% 0.5 + 0.5 %}" }));
    expect({ error, status }).toEqual({ error: "States.Timeout", status: "FAILED" });
    expect(types(await cloud.history(executionArn)).slice(-2)).toEqual(["TaskTimedOut", "ExecutionFailed"]);
  });
});

describe("Retry", () => {
  it("tries again, counting in the context, and schedules the task anew in the same visit", async () => {
    cloud.functions.set("work", (payload) => {
      if ((payload as number) < 2) throw new Error("again");
      return payload;
    });
    const { output, executionArn = "" } = await cloud.run(
      plain({
        Arguments: { FunctionName: "work", Payload: "{% $states.context.State.RetryCount %}" },
        Output: "{% $states.result.Payload %}",
        Retry: [{ ErrorEquals: ["Error"], IntervalSeconds: 1, JitterStrategy: "FULL", MaxDelaySeconds: 1 }],
      }),
    );
    expect(output).toBe("2");
    const all = types(await cloud.history(executionArn));
    expect(all.filter((type) => type === "TaskScheduled")).toHaveLength(3);
    expect(all.filter((type) => type === "TaskStateEntered")).toHaveLength(1);
  });

  it("gives up after MaxAttempts", async () => {
    let tries = 0;
    cloud.functions.set("work", () => {
      tries += 1;
      throw new Error("always");
    });
    const Retry = [{ ErrorEquals: ["States.ALL"], MaxAttempts: 1, IntervalSeconds: 1, JitterStrategy: "FULL" }];
    expect((await cloud.run(plain({ Retry }))).error).toBe("Error");
    expect(tries).toBe(2);
  });
});

describe("Catch", () => {
  it("goes on at Next with the error as output, or what Output says, and the Assign of the catcher", async () => {
    cloud.functions.set("work", () => {
      throw new Error("no");
    });
    const Catch = [
      { ErrorEquals: ["Other"], Next: "Caught" },
      { ErrorEquals: ["Error"], Next: "Caught" },
    ];
    const bare = await cloud.run(invoke({ Catch }));
    expect(JSON.parse(bare.output ?? "")).toMatchObject({ Error: "Error", Cause: expect.stringContaining("no") });
    const machine = invoke({
      Catch: [
        { ErrorEquals: ["Error"], Next: "Caught", Assign: { why: "{% $states.errorOutput.Error %}" }, Output: {} },
      ],
    });
    Object.assign(machine.States.Caught, { Output: "{% $why & $string($states.input) %}" });
    expect((await cloud.run(machine)).output).toBe('"Error{}"');
  });
});

describe("waitForTaskToken", () => {
  it("ends with what SendTaskSuccess brings; the token is closed then", async () => {
    const executionArn = cloud.start(wait());
    const taskToken = await nextToken();
    await cloud.sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"done":[1]}' }));
    expect((await cloud.ended(executionArn)).output).toBe('{"done":[1]}');
    expect(types(await cloud.history(executionArn))).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskSubmitted",
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
    const again = cloud.sfn.send(new SendTaskSuccessCommand({ taskToken, output: "{}" }));
    await expect(again).rejects.toThrow(TaskTimedOut);
  });

  it("takes the token while the function still runs", async () => {
    cloud.functions.set("work", async (payload) => {
      const taskToken = (payload as { token: string }).token;
      await cloud.sfn.send(new SendTaskSuccessCommand({ taskToken, output: '"early"' }));
      throw new Error("after the token, nobody cares");
    });
    expect((await cloud.run(wait())).output).toBe('"early"');
  });

  it("fails with what SendTaskFailure says", async () => {
    const executionArn = cloud.start(wait({ Catch: catchAll("Mine") }));
    const taskToken = await nextToken();
    await cloud.sfn.send(new SendTaskFailureCommand({ taskToken, error: "Mine", cause: "so" }));
    expect(JSON.parse((await cloud.ended(executionArn)).output ?? "")).toEqual({ Error: "Mine", Cause: "so" });
  });

  it("fails when the function fails, as the message was never taken", async () => {
    cloud.functions.set("work", () => {
      throw new Error("down");
    });
    expect((await cloud.run(wait({ Catch: catchAll("Error") }))).status).toBe("SUCCEEDED");
  });

  it("gives each attempt a token of its own", async () => {
    const Retry = [{ ErrorEquals: ["Again"], MaxAttempts: 1, IntervalSeconds: 1, JitterStrategy: "FULL" }];
    const executionArn = cloud.start(wait({ Retry }));
    const first = await nextToken();
    await cloud.sfn.send(new SendTaskFailureCommand({ taskToken: first, error: "Again" }));
    const second = await nextToken(2);
    expect(second).not.toBe(first);
    await expect(cloud.sfn.send(new SendTaskHeartbeatCommand({ taskToken: first }))).rejects.toThrow(TaskTimedOut);
    await cloud.sfn.send(new SendTaskSuccessCommand({ taskToken: second, output: "1" }));
    expect((await cloud.ended(executionArn)).status).toBe("SUCCEEDED");
  });

  it("times out without a heartbeat for HeartbeatSeconds, which States.Timeout matches too", async () => {
    const executionArn = cloud.start(wait({ HeartbeatSeconds: 1, Catch: catchAll("States.Timeout") }));
    const taskToken = await nextToken();
    const before = Date.now();
    let beats = 0;
    const beating = setInterval(async () => {
      await cloud.sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
      beats += 1;
    }, 200);
    await vi.waitFor(() => expect(beats).toBeGreaterThan(6), { timeout: 10_000 });
    clearInterval(beating);
    const { output } = await cloud.ended(executionArn);
    expect(JSON.parse(output ?? "")).toEqual({ Error: "States.HeartbeatTimeout", Cause: null });
    expect(Date.now() - before).toBeGreaterThan(2000);
    const late = cloud.sfn.send(new SendTaskSuccessCommand({ taskToken, output: "{}" }));
    await expect(late).rejects.toThrow(TaskTimedOut);
  });

  it("refuses what never was a token, and an output that is not JSON", async () => {
    const unknown = cloud.sfn.send(new SendTaskSuccessCommand({ taskToken: "abc", output: "{}" }));
    await expect(unknown).rejects.toThrow(InvalidToken);
    const bad = cloud.sfn.send(new SendTaskSuccessCommand({ taskToken: "abc", output: "{" }));
    await expect(bad).rejects.toThrow(InvalidOutput);
  });
});
