import {
  CreateActivityCommand,
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  InvalidArn,
  InvalidExecutionInput,
  InvalidName,
  InvalidToken,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  ResourceNotFound,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, openCloud, ROLE } from "./cloud.ts";

let cloud: Cloud;
let stateMachineArn: string;
let waiting: string;
const definition = JSON.stringify({
  QueryLanguage: "JSONata",
  StartAt: "S",
  States: { S: { Type: "Succeed" } },
});
beforeAll(async () => {
  cloud = await openCloud();
  stateMachineArn = cloud.states.deploy({ name: "simple", definition, roleArn: ROLE });
  const W = { Type: "Wait", Seconds: 100_000_000_0 / 100, End: true };
  const slow = JSON.stringify({ QueryLanguage: "JSONata", StartAt: "W", States: { W } });
  waiting = cloud.states.deploy({ name: "waiting", definition: slow, roleArn: ROLE });
});
afterAll(() => cloud.close());

const start = (input: { stateMachineArn: string; name?: string; input?: string }) =>
  cloud.sfn.send(new StartExecutionCommand(input));

describe("StartExecution", () => {
  it("gives the same execution for the same name and input while it runs", async () => {
    const first = await start({ stateMachineArn: waiting, name: "one", input: '{"a":1}' });
    expect(await start({ stateMachineArn: waiting, name: "one", input: '{"a":1}' })).toMatchObject({
      executionArn: first.executionArn,
      startDate: first.startDate,
    });
    const other = start({ stateMachineArn: waiting, name: "one", input: '{"a":2}' });
    await expect(other).rejects.toThrow(ExecutionAlreadyExists);
    await cloud.sfn.send(new StopExecutionCommand({ executionArn: first.executionArn }));
    const closed = start({ stateMachineArn: waiting, name: "one", input: '{"a":1}' });
    await expect(closed).rejects.toThrow(ExecutionAlreadyExists);
  });

  it("takes {} for no input and makes up a name", async () => {
    const { executionArn } = await start({ stateMachineArn });
    expect(executionArn).toMatch(/^arn:aws:states:us-east-1:000000000000:execution:simple:[0-9a-f-]{36}$/);
    expect((await cloud.ended(executionArn ?? "")).input).toBe("{}");
  });

  it("refuses bad names, bad input and machines that do not exist", async () => {
    await expect(start({ stateMachineArn, name: "a b" })).rejects.toThrow(InvalidName);
    await expect(start({ stateMachineArn, name: "x".repeat(81) })).rejects.toThrow(InvalidName);
    await expect(start({ stateMachineArn, input: "{" })).rejects.toThrow(InvalidExecutionInput);
    const long = JSON.stringify("x".repeat(256 * 1024));
    await expect(start({ stateMachineArn, input: long })).rejects.toThrow(InvalidExecutionInput);
    await expect(start({ stateMachineArn: "simple" })).rejects.toThrow(InvalidArn);
    await expect(start({ stateMachineArn: `${stateMachineArn}x` })).rejects.toThrow(StateMachineDoesNotExist);
  });

  it("is served in process too, with the same errors", () => {
    const { executionArn, startDate } = cloud.states.start({ stateMachineArn: waiting, name: "inside", input: "{}" });
    expect(executionArn).toMatch(/:execution:waiting:inside$/);
    expect(Date.now() - startDate).toBeLessThan(5000);
    expect(() => cloud.states.start({ stateMachineArn: waiting, name: "inside", input: "[]" })).toThrow(
      "Execution Already Exists",
    );
  });
});

describe("DescribeExecution", () => {
  it("shows input, output and dates of one that succeeded", async () => {
    const { executionArn = "" } = await start({ stateMachineArn, input: '{"a":[1]}' });
    expect(await cloud.ended(executionArn)).toMatchObject({
      executionArn,
      stateMachineArn,
      status: "SUCCEEDED",
      input: '{"a":[1]}',
      output: '{"a":[1]}',
      inputDetails: { included: true },
      outputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: "NOT_REDRIVABLE",
      redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
      startDate: expect.any(Date),
      stopDate: expect.any(Date),
    });
  });

  it("refuses what is not there", async () => {
    const describe = (executionArn: string) => cloud.sfn.send(new DescribeExecutionCommand({ executionArn }));
    await expect(describe("x")).rejects.toThrow(InvalidArn);
    const missing = "arn:aws:states:us-east-1:000000000000:execution:simple:missing";
    await expect(describe(missing)).rejects.toThrow(ExecutionDoesNotExist);
    const mapRunArn = "arn:aws:states:us-east-1:000000000000:mapRun:simple/x:missing";
    await expect(cloud.sfn.send(new DescribeMapRunCommand({ mapRunArn }))).rejects.toThrow(ResourceNotFound);
  });
});

describe("ListExecutions", () => {
  it("lists newest first, page after page, each once", async () => {
    const listed = cloud.states.deploy({ name: "listed", definition, roleArn: ROLE });
    const started: string[] = [];
    for (let index = 0; index < 7; index++) {
      started.push((await start({ stateMachineArn: listed, name: `e${index}` })).executionArn ?? "");
    }
    const found: (string | undefined)[] = [];
    for await (const page of paginateListExecutions({ client: cloud.sfn, pageSize: 3 }, { stateMachineArn: listed })) {
      expect(page.executions?.length).toBeLessThanOrEqual(3);
      found.push(...(page.executions ?? []).map(({ executionArn }) => executionArn));
      await start({ stateMachineArn: listed });
    }
    expect(found).toEqual(started.toReversed());
  });

  it("filters by status", async () => {
    const { executionArn } = await start({ stateMachineArn: waiting, name: "stopped" });
    await cloud.sfn.send(new StopExecutionCommand({ executionArn, error: "E" }));
    const list = new ListExecutionsCommand({ stateMachineArn: waiting, statusFilter: "ABORTED" });
    const { executions = [] } = await cloud.sfn.send(list);
    expect(executions.map(({ status }) => status)).toEqual(executions.map(() => "ABORTED"));
    expect(executions.map((each) => each.executionArn)).toContain(executionArn);
  });

  it("refuses a token of another list", async () => {
    const list = new ListExecutionsCommand({ stateMachineArn, nextToken: "abc" });
    await expect(cloud.sfn.send(list)).rejects.toThrow(InvalidToken);
  });
});

describe("GetExecutionHistory", () => {
  it("pages in either order", async () => {
    const { executionArn = "" } = await start({ stateMachineArn });
    await cloud.ended(executionArn);
    const forward: (number | undefined)[] = [];
    for await (const page of paginateGetExecutionHistory({ client: cloud.sfn, pageSize: 2 }, { executionArn })) {
      forward.push(...(page.events ?? []).map(({ id }) => id));
    }
    expect(forward).toEqual([1, 2, 3, 4]);
    const { events = [] } = await cloud.sfn.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
    expect(events.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    expect(events[0]).toMatchObject({
      type: "ExecutionSucceeded",
      timestamp: expect.any(Date),
      executionSucceededEventDetails: { output: "{}", outputDetails: { truncated: false } },
    });
    expect(events[3]?.executionStartedEventDetails).toMatchObject({ input: "{}", roleArn: ROLE });
  });

  it("shows an execution that runs", async () => {
    const { executionArn = "" } = await start({ stateMachineArn: waiting });
    expect((await cloud.history(executionArn)).map(({ type }) => type)).toEqual([
      "ExecutionStarted",
      "WaitStateEntered",
    ]);
  });
});

describe("state machines", () => {
  it("are listed and described with the definition they were given", async () => {
    const { stateMachines = [] } = await cloud.sfn.send(new ListStateMachinesCommand({}));
    expect(stateMachines.map(({ name }) => name)).toEqual(expect.arrayContaining(["simple", "waiting"]));
    const described = await cloud.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(described).toMatchObject({ definition, roleArn: ROLE, type: "STANDARD", status: "ACTIVE", name: "simple" });
  });

  it("keep, for an execution that runs, the definition it started with", async () => {
    const W = { Type: "Wait", Seconds: 1000, End: true };
    const old = JSON.stringify({ QueryLanguage: "JSONata", StartAt: "W", States: { W } });
    const changing = cloud.states.deploy({ name: "changing", definition: old, roleArn: ROLE });
    const { executionArn } = await start({ stateMachineArn: changing });
    cloud.states.deploy({ name: "changing", definition, roleArn: ROLE });
    const of = await cloud.sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
    expect(of.definition).toBe(old);
    const now = await cloud.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: changing }));
    expect(now.definition).toBe(definition);
  });
});

describe("what is not there", () => {
  it("is refused by name: actions and fields", async () => {
    const activity = cloud.sfn.send(new CreateActivityCommand({ name: "a" }));
    await expect(activity).rejects.toThrow(/Step Functions: the action CreateActivity is not implemented locally/);
    const traced = cloud.sfn.send(new StartExecutionCommand({ stateMachineArn, traceHeader: "t" }));
    await expect(traced).rejects.toThrow(/StartExecution: not implemented locally: traceHeader/);
  });
});

describe("status-change events", () => {
  it("have the shape of AWS's", async () => {
    cloud.events.length = 0;
    const { executionArn = "" } = await start({ stateMachineArn, name: "evented", input: "[1]" });
    await cloud.ended(executionArn);
    expect(cloud.events.map(({ detail }) => detail.status)).toEqual(["RUNNING", "SUCCEEDED"]);
    expect(cloud.events[1]).toEqual({
      version: "0",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      "detail-type": "Step Functions Execution Status Change",
      source: "aws.states",
      account: "000000000000",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: "us-east-1",
      resources: [executionArn],
      detail: {
        executionArn,
        stateMachineArn,
        stateMachineVersionArn: null,
        stateMachineAliasArn: null,
        name: "evented",
        status: "SUCCEEDED",
        startDate: expect.any(Number),
        stopDate: expect.any(Number),
        input: "[1]",
        inputDetails: { included: true },
        output: "[1]",
        outputDetails: { included: true },
        error: null,
        cause: null,
        redriveCount: 0,
        redriveDate: null,
        redriveStatus: "NOT_REDRIVABLE",
        redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
      },
    });
  });
});
