import { readFileSync } from "node:fs";
import validate from "asl-validator";
import { describe, expect, it } from "vitest";
import { InvalidDefinition, parseDefinition } from "#local/states/language/definition.ts";

const problemsOf = (definition: object | string): readonly string[] => {
  const text =
    typeof definition === "string" ? definition : JSON.stringify({ QueryLanguage: "JSONata", ...definition });
  try {
    parseDefinition("m", text);
    return [];
  } catch (error) {
    if (error instanceof InvalidDefinition) return error.problems;
    throw error;
  }
};

const one = (state: object) => ({ StartAt: "S", States: { S: state } });

const pass = { Type: "Pass", End: true };

const invoke = (fields: object = {}) =>
  one({
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Arguments: { FunctionName: "f" },
    End: true,
    ...fields,
  });

const map = (fields: object = {}, processor: object = {}) =>
  one({
    Type: "Map",
    End: true,
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      StartAt: "P",
      States: { P: pass },
      ...processor,
    },
    ...fields,
  });

const inline = { ProcessorConfig: { Mode: "INLINE" } };

describe("a definition", () => {
  it("may have every state and field the engine runs", () => {
    const machine = {
      Comment: "all",
      QueryLanguage: "JSONata",
      StartAt: "Task",
      TimeoutSeconds: 60,
      States: {
        Task: {
          Comment: "c",
          Type: "Task",
          QueryLanguage: "JSONata",
          Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
          Arguments: { FunctionName: "f", Payload: { t: "{% $states.context.Task.Token %}" } },
          TimeoutSeconds: "{% 10 %}",
          HeartbeatSeconds: 5,
          Assign: { v: "{% $states.result %}" },
          Output: {},
          Retry: [
            {
              ErrorEquals: ["States.ALL"],
              IntervalSeconds: 1,
              MaxAttempts: 0,
              BackoffRate: 1.5,
              MaxDelaySeconds: 9,
              JitterStrategy: "FULL",
            },
          ],
          Catch: [
            { ErrorEquals: ["States.ALL"], Next: "Choose", Output: {}, Assign: { e: "{% $states.errorOutput %}" } },
          ],
          Next: "Choose",
        },
        Choose: {
          Type: "Choice",
          Choices: [{ Condition: "{% $v = 1 %}", Next: "Wait", Assign: { a: 1 }, Output: 1 }],
          Default: "Each",
        },
        Wait: { Type: "Wait", Seconds: "{% 1 %}", Next: "Until" },
        Until: { Type: "Wait", Timestamp: "2030-01-01T00:00:00Z", Next: "Each" },
        Each: {
          Type: "Map",
          Label: "chunks",
          ItemReader: {
            Resource: "arn:aws:states:::s3:getObject",
            ReaderConfig: { InputType: "JSONL" },
            Arguments: { Bucket: "b", Key: "{% $v %}" },
          },
          ItemSelector: { i: "{% $states.context.Map.Item.Index %}" },
          ItemProcessor: {
            ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
            StartAt: "Inner",
            States: { Inner: { Type: "Pass", End: true } },
          },
          MaxConcurrency: "{% 5 %}",
          ToleratedFailurePercentage: 5,
          ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Arguments: { Bucket: "b", Prefix: "p" } },
          Next: "Over",
        },
        Over: {
          Type: "Map",
          Items: [1, "{% 2 %}"],
          ItemProcessor: { StartAt: "In", States: { In: { Type: "Succeed", Output: "{% $v %}" } } },
          MaxConcurrency: 2,
          Next: "Done",
        },
        Done: { Type: "Succeed", Output: "{% $states.input %}" },
      },
    };
    expect(problemsOf(machine)).toEqual([]);
    expect(validate(machine as unknown as Parameters<typeof validate>[0]).errorsText("\n")).toBe("");
  });

  it("is the project's own state machine", () => {
    const file = new URL("../../../state-machines/grid-job.asl.json", import.meta.url);
    const text = readFileSync(file, "utf8")
      .replaceAll(/\$\{Images\}/g, "{}")
      .replaceAll(/\$\{\w+\}/g, "x");
    expect(problemsOf(text)).toEqual([]);
  });

  it("must be JSON in JSONata", () => {
    expect(problemsOf("{")).toEqual([expect.stringContaining("not JSON")]);
    expect(problemsOf(JSON.stringify(one(pass)))).toEqual(["QueryLanguage: required"]);
    expect(problemsOf({ ...one(pass), QueryLanguage: "JSONPath" })).toEqual([
      'QueryLanguage: must be "JSONata" in the local engine, is "JSONPath"',
    ]);
  });

  it.each<[string, object]>([
    ["Version: not supported by the local engine", { ...one(pass), Version: "1.0" }],
    ['States.S.Type: "Parallel" is not supported by the local engine; supported are', one({ Type: "Parallel" })],
    ["States.S.ItemBatcher: not supported by the local engine", map({ ItemBatcher: { MaxItemsPerBatch: 5 } })],
    [
      "States.S.InputPath: not supported by the local engine (it runs JSONata, not JSONPath)",
      one({ ...pass, InputPath: "$" }),
    ],
    ["States.S.Parameters: not supported", invoke({ Parameters: {} })],
    ["States.S.Credentials: not supported by the local engine", invoke({ Credentials: {} })],
    [
      'States.S.Resource: "arn:aws:states:::sqs:sendMessage" is not supported by the local engine; supported are arn:aws:states:::lambda:invoke,',
      invoke({ Resource: "arn:aws:states:::sqs:sendMessage" }),
    ],
    [
      "States.S: Arguments.InvocationType: not supported by the local engine",
      invoke({ Arguments: { FunctionName: "f", InvocationType: "Event" } }),
    ],
    ["States.S: Arguments.FunctionName: required", invoke({ Arguments: {} })],
    ["States.S.Retry[0].Backoff: not supported", invoke({ Retry: [{ ErrorEquals: ["E"], Backoff: 1 }] })],
    [
      "States.S.Retry[0].MaxAttempts: must be a whole number from 0",
      invoke({ Retry: [{ ErrorEquals: ["E"], MaxAttempts: -1 }] }),
    ],
    [
      "States.S.Catch[0].ResultPath: not supported",
      invoke({ Catch: [{ ErrorEquals: ["E"], Next: "S", ResultPath: "$" }] }),
    ],
    [
      "States.S.ItemReader.ReaderConfig.MaxItems: not supported by the local engine",
      map({ ItemReader: { ReaderConfig: { MaxItems: 1 } } }),
    ],
    [
      'States.S.ItemReader.ReaderConfig.InputType: must be "JSONL" in the local engine, is "CSV"',
      map({ ItemReader: { ReaderConfig: { InputType: "CSV" } } }),
    ],
    [
      "States.S.ResultWriter.WriterConfig: not supported by the local engine",
      map({ ResultWriter: { WriterConfig: {} } }),
    ],
    [
      'States.S.ItemProcessor.ProcessorConfig.ExecutionType: must be "STANDARD" in the local engine, is "EXPRESS"',
      map({}, { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" } }),
    ],
    ["States.S.Label: not supported by the local engine", map({ Label: "x" }, inline)],
    ["States.S.ToleratedFailureCount: not supported by the local engine", map({ ToleratedFailureCount: 1 }, inline)],
    ["States.S.Label: must be 1 to 40 characters", map({ Label: "a b" })],
    ["States.S: must have either Next or End", one({ Type: "Pass" })],
    ["States.S.Next: there is no state T at this level", one({ Type: "Pass", Next: "T" })],
    ["States.T: is reached from no other state", { StartAt: "S", States: { S: pass, T: pass } }],
    ["StartAt: there is no state X at this level", { StartAt: "X", States: { S: pass } }],
    ["States.S.Output: the JSONata expression '1 +' does not parse", one({ ...pass, Output: "{% 1 + %}" })],
    [
      "States.S.Output.a[0]: the JSONata expression '$eval('1')' uses $eval",
      one({ ...pass, Output: { a: ["{% $eval('1') %}"] } }),
    ],
    ["States.S.Assign.states: is reserved", one({ ...pass, Assign: { states: 1 } })],
    ["States.S.Assign.a-b: must be an identifier", one({ ...pass, Assign: { "a-b": 1 } })],
    ["States.S: a Wait state has either Seconds or Timestamp", one({ Type: "Wait", End: true })],
    [
      "States.S.ItemProcessor.States.S: another state has this name: States.S",
      map({}, { StartAt: "S", States: { S: pass } }),
    ],
    ["States.S.End: must be true", one({ Type: "Pass", End: false })],
  ])("is refused with: %s", (problem, definition) => {
    expect(problemsOf(definition)).toContainEqual(expect.stringContaining(problem));
  });

  it("lists all that is wrong at once, naming the machine", () => {
    const definition = JSON.stringify({ QueryLanguage: "JSONata", ...one({ Type: "Pass", A: 1, B: 2, End: true }) });
    expect(() => parseDefinition("grid-job", definition)).toThrow(
      "the definition of the state machine grid-job cannot be run:\n  States.S.A: not supported by the local engine\n  States.S.B: not",
    );
  });
});

describe("variables and Distributed Maps", () => {
  const machine = (output: string, config: object | undefined, assign: object = {}) => ({
    StartAt: "Set",
    States: {
      Set: { Type: "Pass", Assign: { job: 1 }, Next: "S" },
      ...map(
        {},
        {
          ...(config === undefined ? {} : { ProcessorConfig: config }),
          StartAt: "P",
          States: { P: { ...pass, Output: output, Assign: assign } },
        },
      ).States,
    },
  });
  const distributed = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };

  it("refuses an expression that reads a variable of the machine around the Map", () => {
    expect(problemsOf(machine("{% $job.id %}", distributed))).toEqual([
      "States.S.ItemProcessor.States.P.Output: reads the variable $job of the machine around the Distributed Map; pass it by ItemSelector",
    ]);
  });

  it("takes one that the ItemProcessor assigns, or that the expression binds itself", () => {
    expect(problemsOf(machine("{% $job.id %}", distributed, { job: 2 }))).toEqual([]);
    expect(problemsOf(machine("{% ($job := 1; $job) %}", distributed))).toEqual([]);
    expect(problemsOf(machine("{% $map([1], function($job) { $job }) %}", distributed))).toEqual([]);
  });

  it("takes it in an inline Map", () => {
    expect(problemsOf(machine("{% $job.id %}", { Mode: "INLINE" }))).toEqual([]);
  });
});
