import { expect, test } from "vitest";
import { gridForFile } from "./running-grid.ts";

const grid = gridForFile();

test("a worker that is killed in the middle of a job loses and repeats no result", async () => {
  const tasks = Array.from({ length: 12 }, (_, index) => ({ bring: index, after: "go" }));
  const request = { application: "errands", jobId: "worker-killed", tasks };
  await grid().submit(request);
  const [{ pid }] = await grid().seeRuns(request.jobId, 1);
  process.kill(pid, "SIGKILL");
  await grid().allow(request.jobId, "go");

  const { job } = await grid().end(request.jobId);
  expect(job).toMatchObject({ state: "SUCCEEDED", succeeded: 12, failed: 0 });
  expect(await grid().results(request.jobId)).toEqual(tasks.map(({ bring }, index) => ({ index, output: bring })));
  expect(grid().warnings.join("\n")).toMatch(/grid-worker-general-\S+ failed .*SIGKILL/);
});
