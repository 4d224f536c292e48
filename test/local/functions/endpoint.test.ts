import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { definitionOf } from "./fixture.ts";
import { functionsWithQueue } from "./queue-fixture.ts";

const withClient = async (source: string) => {
  const opened = await functionsWithQueue();
  const { functions, gateway } = opened;
  gateway.route("lambda", functions.endpoint);
  const arn = functions.deploy(definitionOf(source, { environment: { TABLE: "t" } }));
  const lambda = new LambdaClient({
    endpoint: gateway.origin,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  onTestFinished(() => lambda.destroy());
  return { ...opened, lambda, arn };
};

const ECHO =
  "export const handler = (event) => { console.log('ran'); if (event.fail) throw new RangeError('no'); return event }";

test("Invoke answers with the handler's result, for a name and for an ARN", async () => {
  const { lambda, arn } = await withClient(ECHO);
  for (const FunctionName of ["subject", arn]) {
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{"a":"ü"}' }));
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST" });
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.Payload?.transformToString()).toBe('{"a":"ü"}');
  }
});

test("Invoke tells a failure of the handler in its payload", async () => {
  const { lambda } = await withClient(ECHO);
  const answer = await lambda.send(new InvokeCommand({ FunctionName: "subject", Payload: '{"fail":true}' }));
  expect(answer).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
  const payload = JSON.parse(answer.Payload?.transformToString() ?? "");
  expect(payload).toMatchObject({ errorType: "RangeError", errorMessage: "no", trace: expect.any(Array) });
});

test("Invoke with Event answers at once and runs the event later", async () => {
  const { lambda, folder } = await withClient(ECHO);
  const answer = await lambda.send(new InvokeCommand({ FunctionName: "subject", InvocationType: "Event" }));
  expect(answer.StatusCode).toBe(202);
  await vi.waitFor(() => expect(readFileSync(join(folder, "subject.log"), "utf8")).toBe("ran\n"));
});

test("Invoke refuses what Lambda refuses, and by name what is not implemented", async () => {
  const { lambda } = await withClient(ECHO);
  const refusal = (over: object) =>
    expect(lambda.send(new InvokeCommand({ FunctionName: "subject", Payload: "{}", ...over }))).rejects;
  await refusal({ FunctionName: "nobody" }).toMatchObject({
    name: "ResourceNotFoundException",
    message: "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody",
  });
  await refusal({ FunctionName: "nobody", InvocationType: "Event" }).toMatchObject({
    name: "ResourceNotFoundException",
  });
  await refusal({ Payload: "{" }).toMatchObject({ name: "InvalidRequestContentException" });
  const megabyte = JSON.stringify("x".repeat(1024 * 1024));
  await refusal({ Payload: megabyte, InvocationType: "Event" }).toMatchObject({ name: "RequestTooLargeException" });
  await refusal({ InvocationType: "DryRun" }).toThrow(/InvocationType DryRun is not implemented/);
  await refusal({ LogType: "Tail" }).toThrow(/LogType Tail/);
  await refusal({ ClientContext: "e30=" }).toThrow(/x-amz-client-context/);
  await refusal({ Qualifier: "7" }).toThrow(/versions and aliases/);
});

test("functions and mappings can be listed", async () => {
  const { lambda, functions, mapping, arn, queueArn } = await withClient(ECHO);
  const id = await functions.mapEventSource(
    mapping({ batchSize: 100, windowSeconds: 1, reportBatchItemFailures: true, maximumConcurrency: 2 }),
  );
  const { Functions } = await lambda.send(new ListFunctionsCommand({}));
  expect(Functions).toEqual([
    expect.objectContaining({
      FunctionName: "subject",
      FunctionArn: arn,
      Handler: "index.handler",
      Timeout: 10,
      MemorySize: 128,
      Environment: { Variables: { TABLE: "t" } },
    }),
  ]);
  const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: "subject" }));
  expect(EventSourceMappings).toEqual([
    expect.objectContaining({
      UUID: id,
      EventSourceArn: queueArn,
      FunctionArn: arn,
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 2 },
      State: "Enabled",
      LastModified: expect.any(Date),
    }),
  ]);
  const other = await lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn: `${queueArn}-other` }));
  expect(other.EventSourceMappings).toEqual([]);
});

test("an action or a parameter that is not implemented is refused by name", async () => {
  const { lambda } = await withClient(ECHO);
  await expect(lambda.send(new GetFunctionCommand({ FunctionName: "subject" }))).rejects.toMatchObject({
    name: "UnknownOperationException",
    message: expect.stringMatching(/GET \/2015-03-31\/functions\/subject is not implemented/),
  });
  await expect(lambda.send(new ListFunctionsCommand({ MaxItems: 1 }))).rejects.toThrow(/MaxItems/);
});
