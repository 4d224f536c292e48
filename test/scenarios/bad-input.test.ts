import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { gridForFile } from "./running-grid.ts";

const grid = gridForFile();

/** A good job beside each bad one: it must not notice. */
let neighbour: string;

beforeEach(async () => {
  neighbour = await grid().submit({ application: "squares", input: { tasks: 3 } });
});

afterEach(async () => {
  expect((await grid().end(neighbour)).job).toMatchObject({ state: "SUCCEEDED", succeeded: 3 });
});

/** How a request ends that cannot be served. */
async function failureOf(application: string, detail: object) {
  const eventId = await grid().put("Grid Job Requested", { application, ...detail });
  const { job, event } = await grid().end(`${application}-${eventId}`);
  expect(job.state).toBe("FAILED");
  expect(event).toMatchObject({ "detail-type": "Grid Job Failed", detail: { application, error: job.error } });
  return job.error!;
}

test("a request for an application that the grid does not have fails, naming it", async () => {
  const { type, message } = await failureOf("pricing", {});
  expect(type).toBe("Grid.BadRequest");
  expect(message).toContain('"pricing"');
});

test("a detail that does not fit fails, naming the field", async () => {
  const { type, message } = await failureOf("squares", { input: { tasks: 3 }, priority: "urgent" });
  expect(type).toBe("Grid.BadRequest");
  expect(message).toMatch(/priority/);
});

test("an input that does not fit the application's schema fails, naming the field", async () => {
  const { type, message } = await failureOf("squares", { input: { tasks: "many" } });
  expect(type).toBe("Grid.BadRequest");
  expect(message).toMatch(/tasks.*integer/);
});

test("a tasks file with a broken line fails, naming the line", async () => {
  const { bucket: Bucket } = grid().local.names;
  const Body = '{"bring":1}\n{"bring":2}\n{"bring":\n{"bring":4}\n';
  await grid().aws.s3.send(new PutObjectCommand({ Bucket, Key: "brought/broken.jsonl", Body }));
  const { type, message } = await failureOf("errands", { tasksUri: `s3://${Bucket}/brought/broken.jsonl` });
  expect(type).toBe("Grid.BadTasks");
  expect(message).toMatch(/line 3\b/);
});

test("a tasks file that is not there fails, naming it", async () => {
  const tasksUri = `s3://${grid().local.names.bucket}/nowhere.jsonl`;
  const { type, message } = await failureOf("errands", { tasksUri });
  expect(type).toBe("Grid.BadTasks");
  expect(message).toContain(tasksUri);
});

test("a split that exits with 3 fails with the end of what it said", async () => {
  const { type, message } = await failureOf("splits-and-dies", {});
  expect(type).toBe("Grid.SplitFailed");
  expect(message).toMatch(/\b3\b/);
  expect(message).toContain("no prices for 1987");
});
