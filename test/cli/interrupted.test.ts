import { afterAll, beforeAll, expect, test } from "vitest";
import { interruptedLine, jobsOf } from "#cli/interrupted.ts";
import { jobRecord, openSmallCloud, type SmallCloud } from "./small-cloud.ts";

let cloud: SmallCloud;
beforeAll(async () => {
  cloud = await openSmallCloud("cli-interrupted");
});
afterAll(() => cloud.close());

test("interrupted executions go by their jobs' ids, those without a job by their ARNs", async () => {
  await cloud.record(jobRecord({ jobId: "j", executionArn: "arn:one" }));
  expect(await jobsOf(cloud.ledger, ["arn:two", "arn:one"])).toEqual(["arn:two", "j"]);
});

test.each([
  [
    ["a"],
    false,
    "a job ran when the last grid of this folder ended and was aborted (`burstgrid up --resume` goes on with such jobs): a",
  ],
  [["a", "b"], true, "2 jobs ran when the last grid of this folder ended and go on: a, b"],
])("of %j, resumed %s", (jobs, resumed, line) => {
  expect(interruptedLine(jobs, resumed)).toBe(line);
});
