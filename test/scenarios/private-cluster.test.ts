import { resolve } from "node:path";
import { expect, it } from "vitest";
import { gridForFile } from "./running-grid.ts";

const grid = gridForFile(resolve(import.meta.dirname, "../fixtures/grid/private.config.ts"));

it("a job is split, worked and merged by masters that a Lambda launched, where the cluster's API is private", async () => {
  const jobId = await grid().submit({ application: "squares", input: { tasks: 25 } });
  const { job } = await grid().end(jobId);
  expect(job).toMatchObject({ state: "SUCCEEDED", succeeded: 25 });
  expect(await grid().results(jobId)).toHaveLength(25);
});

it("a split that fails says so itself, as by Step Functions' own launch", async () => {
  const jobId = await grid().submit({ application: "splits-and-dies" });
  const { event } = await grid().end(jobId);
  expect(event).toMatchObject({ "detail-type": "Grid Job Failed", detail: { error: { type: "Grid.SplitFailed" } } });
});
