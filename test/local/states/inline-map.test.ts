import { RedriveExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, openCloud, types } from "./cloud.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud.close());

const CALL = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: "work", Payload: "{% $states.input %}" },
  Output: "{% $states.result.Payload %}",
  End: true,
};

const map = (fields: object = {}, inner: object = { P: { Type: "Pass", End: true } }) => ({
  StartAt: "Each",
  States: {
    Each: { Type: "Map", ItemProcessor: { StartAt: Object.keys(inner)[0], States: inner }, End: true, ...fields },
  },
});

describe("an inline Map", () => {
  it("gives the outputs in the order of the items", async () => {
    const inner = { P: { Type: "Pass", Output: "{% $states.input * 2 %}", End: true } };
    expect((await cloud.run(map({ Items: [1, "{% 1 + 1 %}", 3] }, inner))).output).toBe("[2,4,6]");
  });

  it("lets its states see outer variables, and keeps what they assign to itself", async () => {
    const machine = {
      StartAt: "Set",
      States: {
        Set: { Type: "Pass", Assign: { factor: 10 }, Next: "Each" },
        Each: {
          ...map(
            {},
            {
              Mine: { Type: "Pass", Assign: { factor: "{% $factor + $states.input %}" }, Next: "Use" },
              Use: { Type: "Pass", Output: "{% $factor %}", End: true },
            },
          ).States.Each,
          End: undefined,
          Next: "After",
        },
        After: { Type: "Succeed", Output: ["{% $states.input %}", "{% $factor %}"] },
      },
    };
    expect((await cloud.run(machine, [1, 2])).output).toBe("[[11,12],10]");
  });

  it("hands ItemSelector index and value", async () => {
    const ItemSelector = { i: "{% $states.context.Map.Item.Index %}", v: "{% $states.context.Map.Item.Value %}" };
    expect((await cloud.run(map({ ItemSelector }), ["a", "b"])).output).toBe('[{"i":0,"v":"a"},{"i":1,"v":"b"}]');
  });

  it("fails when Items is no array, in AWS's words", async () => {
    const { error, cause, executionArn = "" } = await cloud.run(map({ Items: "{% 1 %}" }));
    expect(error).toBe("States.QueryEvaluationError");
    expect(cause).toBe(
      "An error occurred while executing the state 'Each' (entered at the event id #2). The JSONata expression '1' " +
        "specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'number' for value: 1",
    );
    expect(types(await cloud.history(executionArn)).slice(-3)).toEqual([
      "EvaluationFailed",
      "MapStateFailed",
      "ExecutionFailed",
    ]);
  });

  it("writes the history AWS writes", async () => {
    const { executionArn = "" } = await cloud.run(map(), [1]);
    const history = await cloud.history(executionArn);
    expect(types(history)).toEqual([
      "ExecutionStarted",
      "MapStateEntered",
      "MapStateStarted",
      "MapIterationStarted",
      "PassStateEntered",
      "PassStateExited",
      "MapIterationSucceeded",
      "MapStateSucceeded",
      "MapStateExited",
      "ExecutionSucceeded",
    ]);
    expect(history[3]?.mapIterationStartedEventDetails).toEqual({ index: 0, name: "Each" });
  });

  it("gives an empty array for no items", async () => {
    expect((await cloud.run(map(), [])).output).toBe("[]");
  });

  it("runs at most MaxConcurrency iterations at once", async () => {
    let running = 0;
    let most = 0;
    cloud.functions.set("work", async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    await cloud.run(map({ MaxConcurrency: 3 }, { Call: CALL }), [1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it("fails with its first failed iteration, and ends the others", async () => {
    cloud.functions.set("work", (payload) =>
      payload === 1 ? Promise.reject(new TypeError("one")) : new Promise(() => {}),
    );
    const { error, executionArn = "" } = await cloud.run(map({}, { Call: CALL }), [0, 1, 2]);
    expect(error).toBe("TypeError");
    const all = types(await cloud.history(executionArn));
    expect(all.filter((type) => type === "MapIterationAborted")).toHaveLength(2);
    expect(all.filter((type) => type === "MapIterationFailed")).toHaveLength(1);
  });

  it("runs a Map within a Map", async () => {
    const inner = { Inner: map({}, { P: { Type: "Pass", Output: "{% $states.input + 1 %}", End: true } }).States.Each };
    expect((await cloud.run(map({}, inner), [[1, 2], [3]])).output).toBe("[[2,3],[4]]");
  });

  it("is redriven with only the iterations that did not succeed, from the state they failed in", async () => {
    const called: unknown[] = [];
    let broken = true;
    cloud.functions.set("work", (payload) => {
      called.push(payload);
      if (broken && payload === "B!") throw new Error("not yet");
      return payload;
    });
    const inner = {
      Mark: {
        Type: "Pass",
        Output: "{% $states.input & '!' %}",
        Assign: { seen: "{% $states.input %}" },
        Next: "Call",
      },
      Call: { ...CALL, Output: "{% $states.result.Payload & $seen %}" },
    };
    const { executionArn = "" } = await cloud.run(map({ MaxConcurrency: 1 }, inner), ["A", "B", "C"]);
    broken = false;
    await cloud.sfn.send(new RedriveExecutionCommand({ executionArn }));
    expect((await cloud.ended(executionArn)).output).toBe('["A!A","B!B","C!C"]');
    expect(called).toEqual(["A!", "B!", "B!", "C!"]);
  });
});
