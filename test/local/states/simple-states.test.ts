import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, openCloud, types } from "./cloud.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud.close());

/** A machine of one state. */
const one = (state: object) => ({ StartAt: "Only", States: { Only: state } });

const outputOf = async (machine: object, input?: unknown): Promise<unknown> => {
  const { status, output, cause } = await cloud.run(machine, input);
  expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
  return JSON.parse(output ?? "undefined");
};

describe("Pass", () => {
  it("passes its input on when it has no Output", async () => {
    expect(await outputOf(one({ Type: "Pass", End: true }), { a: [1, "x", null] })).toEqual({ a: [1, "x", null] });
  });

  it("evaluates the expressions of Output at any depth and leaves other strings alone", async () => {
    const Output = { sum: "{% $sum($states.input.numbers) %}", list: ["{% $states.input.numbers[0] %}", "{plain%"] };
    expect(await outputOf(one({ Type: "Pass", Output, End: true }), { numbers: [1, 2, 3] })).toEqual({
      sum: 6,
      list: [1, "{plain%"],
    });
  });

  it("evaluates Assign and Output with the variables as they were on entry", async () => {
    const machine = {
      StartAt: "First",
      States: {
        First: { Type: "Pass", Assign: { n: 1 }, Next: "Second" },
        Second: { Type: "Pass", Assign: { n: "{% $n + 1 %}", old: "{% $n %}" }, Output: "{% $n %}", Next: "Third" },
        Third: { Type: "Pass", Output: { n: "{% $n %}", old: "{% $old %}", input: "{% $states.input %}" }, End: true },
      },
    };
    expect(await outputOf(machine)).toEqual({ n: 2, old: 1, input: 1 });
  });
});

describe("an expression that gives nothing", () => {
  it("fails the state with States.QueryEvaluationError, naming expression and field", async () => {
    const described = await cloud.run(one({ Type: "Pass", Output: { a: "{% $states.input.missing %}" }, End: true }));
    expect(described.status).toBe("FAILED");
    expect(described.error).toBe("States.QueryEvaluationError");
    expect(described.cause).toBe(
      "An error occurred while executing the state 'Only' (entered at the event id #2). The JSONata expression " +
        "'$states.input.missing' specified for the field 'Output/a' returned nothing (undefined).",
    );
    const history = await cloud.history(described.executionArn ?? "");
    expect(types(history)).toEqual(["ExecutionStarted", "PassStateEntered", "EvaluationFailed", "ExecutionFailed"]);
    expect(history[2]?.evaluationFailedEventDetails).toMatchObject({ location: "Output/a", state: "Only" });
  });
});

describe("Choice", () => {
  const machine = (Condition: unknown, more: object = {}) => ({
    StartAt: "Which",
    States: {
      Which: {
        Type: "Choice",
        Choices: [
          { Condition, Next: "Small", Assign: { by: "rule" }, Output: "rule" },
          { Condition: "{% $states.input.n < 100 %}", Next: "Large" },
        ],
        Default: "Large",
        Assign: { by: "default" },
        ...more,
      },
      Small: { Type: "Succeed", Output: ["small", "{% $by %}", "{% $states.input %}"] },
      Large: { Type: "Succeed", Output: "{% ['large', $exists($by) ? $by : 'none'] %}" },
    },
  });

  it("follows the first rule that holds, with that rule's Assign and Output", async () => {
    expect(await outputOf(machine("{% $states.input.n < 10 %}"), { n: 5 })).toEqual(["small", "rule", "rule"]);
    expect(await outputOf(machine("{% $states.input.n < 10 %}"), { n: 50 })).toEqual(["large", "none"]);
  });

  it("takes Default with the state's own Assign when no rule holds", async () => {
    expect(await outputOf(machine(false), { n: 500 })).toEqual(["large", "default"]);
  });

  it("fails with States.NoChoiceMatched without a Default", async () => {
    const { error } = await cloud.run({
      StartAt: "W",
      States: { W: { Type: "Choice", Choices: [{ Condition: false, Next: "E" }] }, E: { Type: "Succeed" } },
    });
    expect(error).toBe("States.NoChoiceMatched");
  });

  it("fails when a condition gives no boolean", async () => {
    const { error, cause } = await cloud.run(machine("{% 'yes' %}"), { n: 1 });
    expect(error).toBe("States.QueryEvaluationError");
    expect(cause).toContain("Expected 'boolean', but was 'string' for value: \"yes\"");
  });
});

describe("Wait", () => {
  it("waits for Seconds, or until Timestamp", async () => {
    const before = Date.now();
    await outputOf(one({ Type: "Wait", Seconds: "{% $states.input.s %}", End: true }), { s: 0.05 });
    expect(Date.now() - before).toBeGreaterThanOrEqual(49);
    await outputOf(one({ Type: "Wait", Timestamp: "{% $states.input.at %}", End: true }), {
      at: "2020-01-01T00:00:00Z",
    });
  });

  it("refuses a timestamp that is none", async () => {
    const { error, cause } = await cloud.run(one({ Type: "Wait", Timestamp: "2016-12-05 21:29:29Z", End: true }));
    expect(error).toBe("States.QueryEvaluationError");
    expect(cause).toContain("cannot be parsed as an ISO-8601 extended offset date-time format string");
  });
});

describe("Succeed and Fail", () => {
  it("ends the execution with Succeed's Output", async () => {
    expect(await outputOf(one({ Type: "Succeed", Output: { done: "{% $states.input %}" } }), 7)).toEqual({ done: 7 });
  });

  it("fails the execution with Error and Cause, which may be expressions", async () => {
    const state = { Type: "Fail", Error: "Mine", Cause: "{% 'because ' & $states.input.why %}" };
    const described = await cloud.run(one(state), { why: "so" });
    expect(described).toMatchObject({ status: "FAILED", error: "Mine", cause: "because so" });
    const history = await cloud.history(described.executionArn ?? "");
    expect(types(history)).toEqual(["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]);
  });
});

describe("the context object", () => {
  it("tells execution, state machine and state", async () => {
    const arn = cloud.start(
      one({ Type: "Pass", Output: "{% $states.context %}", End: true }),
      { a: 1 },
      "context-test",
    );
    const { output, startDate } = await cloud.ended(arn);
    expect(JSON.parse(output ?? "")).toEqual({
      Execution: {
        Id: arn,
        Input: { a: 1 },
        Name: "context-test",
        RoleArn: "arn:aws:iam::000000000000:role/machine",
        StartTime: startDate?.toISOString(),
        RedriveCount: 0,
      },
      StateMachine: { Id: "arn:aws:states:us-east-1:000000000000:stateMachine:machine", Name: "machine" },
      State: { Name: "Only", EnteredTime: expect.stringMatching(/^\d{4}-.*Z$/), RetryCount: 0 },
    });
  });
});

describe("limits", () => {
  it("fails an output over 256 KiB with States.DataLimitExceeded", async () => {
    const { error } = await cloud.run(one({ Type: "Pass", Output: "{% $pad('', 262144, 'x') %}", End: true }));
    expect(error).toBe("States.DataLimitExceeded");
  });

  it("takes an output of just 256 KiB", async () => {
    const output = await outputOf(one({ Type: "Pass", Output: "{% $pad('', 262142, 'x') %}", End: true }));
    expect(output).toHaveLength(262142);
  });

  it("times the execution out after the machine's TimeoutSeconds", async () => {
    const described = await cloud.run({ ...one({ Type: "Wait", Seconds: 1000, End: true }), TimeoutSeconds: 1 });
    expect(described.status).toBe("TIMED_OUT");
  });

  it("ends an execution at 25,000 history events", async () => {
    const machine = {
      StartAt: "A",
      States: { A: { Type: "Pass", Next: "B" }, B: { Type: "Choice", Choices: [{ Condition: true, Next: "A" }] } },
    };
    const described = await cloud.run(machine);
    expect(described).toMatchObject({ status: "FAILED", error: "States.Runtime" });
    expect(described.cause).toContain("maximum number of history events (25000)");
  });
});
