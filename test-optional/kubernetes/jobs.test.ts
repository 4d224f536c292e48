import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JobStatus } from "#cli/job-status.ts";
import { isFinal } from "#grid/job.ts";
import { riskInOneLoop } from "../../examples/value-at-risk/one-loop.ts";
import { TestCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { type Up, up } from "./up.ts";

/** Long enough for pods to be ended in the midst of it. */
const LONG = { paths: 20_000_000, tasks: 2_000, seed: 7 };

let state: string;
let cluster: TestCluster;
let grid: Up;
let expected: string;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "burstgrid-real-"));
  cluster = await TestCluster.open();
  grid = await up(state);
  expected = JSON.stringify(riskInOneLoop(LONG));
});
afterAll(async () => {
  await grid?.stop();
  await cluster.deleteObject("/api/v1/namespaces/grid");
  await cluster.deleteObject("/api/v1/persistentvolumes/grid-shared");
  await rm(state, { recursive: true, force: true });
});

/** Submits the long job, acts on its workers when they have begun, and gives its result. */
async function resultDespite(act: (workers: readonly string[]) => Promise<void>): Promise<string> {
  const submitted = await grid.burstgrid("submit", "value-at-risk", "--input", JSON.stringify(LONG), "--json");
  const { jobId } = JSON.parse(submitted) as { readonly jobId: string };
  const statusWhen = (fits: (status: JobStatus) => boolean) =>
    eventually(async () => {
      const status = JSON.parse(await grid.burstgrid("status", jobId, "--json")) as JobStatus;
      if (!fits(status)) throw new Error(`job ${jobId}: ${JSON.stringify(status)}; up says: ${grid.stderr()}`);
      return status;
    }, 200);
  await statusWhen(({ state }) => state === "RUNNING");
  const workers = await eventually(() => cluster.working());
  await act(workers);
  const { tasks: then } = await statusWhen(() => true);
  expect(then.succeeded, "to be of use, pods must end before the tasks are done").toBeLessThan(LONG.tasks);
  const { state, tasks } = await statusWhen((status) => isFinal(status.state));
  expect({ state, tasks }).toEqual({
    state: "SUCCEEDED",
    tasks: { total: LONG.tasks, succeeded: LONG.tasks, failed: 0 },
  });
  return grid.burstgrid("result", jobId);
}

describe("the value-at-risk job, its master and workers pods of the cluster", () => {
  test("gives what one loop gives, to the last digit", async () => {
    const input = { paths: 100_000, tasks: 200, seed: 3 };
    const out = await grid.burstgrid("submit", "value-at-risk", "--input", JSON.stringify(input), "--wait", "--json");
    const job = JSON.parse(out) as { readonly jobId: string };
    expect(await grid.burstgrid("result", job.jobId)).toBe(JSON.stringify(riskInOneLoop(input)));
  });

  test("loses nothing to a worker that is killed", async () => {
    const result = await resultDespite(([first]) => cluster.kill(first!));
    expect(result).toBe(expected);
  });

  test("loses nothing to a worker that is evicted", async () => {
    const result = await resultDespite(([first]) => cluster.evict(first!));
    expect(result).toBe(expected);
  });

  test("loses nothing to a node that is drained", async () => {
    const result = await resultDespite(async ([first]) => {
      const node = await cluster.nodeOf(first!);
      await cluster.cordon(node, true);
      try {
        for (const pod of await cluster.podsOn(node)) await cluster.drain(pod);
        await eventually(async () => expect(await cluster.podsOn(node)).toEqual([]));
      } finally {
        await cluster.cordon(node, false);
      }
    });
    expect(result).toBe(expected);
  });
});

test("a grid that stops leaves no pod behind", async () => {
  expect(await grid.stop()).toBe(0);
  const pods = await cluster.objects.list("/api/v1/namespaces/grid/pods");
  expect(pods).toEqual([]);
});
