import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENV } from "#grid/names.ts";
import { Masters } from "./masters.ts";

let masters: Masters;
beforeAll(async () => {
  masters = await Masters.open();
  await masters.image.add("one", {
    split: "export function* split() { yield 1; }",
    merge: "export const merge = () => 'M';",
  });
});
afterAll(() => masters.close());

describe("a phase", () => {
  test("that an earlier pod has claimed is not done again: the pod only repeats the call", async () => {
    const first = await masters.run({ application: "one", jobId: "twice" }, { uid: "first" });
    const second = await masters.run({ application: "one", jobId: "twice" }, { uid: "second" });
    expect(second.exitCode).toBe(0);
    expect(second.job.plan).toEqual(first.job.plan);
    expect(second.answers.map(({ action }) => action)).toEqual(["SendTaskSuccess", "SendTaskSuccess"]);
    await expect(masters.text("jobs/twice/split/second/tasks.jsonl")).rejects.toThrow("NoSuchKey");
  });

  test("whose state is over ends quietly", async () => {
    masters.cloud.gone.add("token-late");
    const { exitCode, stdout } = await masters.run({ application: "one", jobId: "late" });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("nobody waits for this pod");
  });

  test("whose failure comes too late ends quietly", async () => {
    masters.cloud.gone.add("token-late-failure");
    await masters.image.add("throws", { split: "export function* split() { throw new Error('x'); }" });
    const { exitCode } = await masters.run({ application: "throws", jobId: "late-failure" });
    expect(exitCode).toBe(0);
  });

  test("of an application that the image has not fails for good", async () => {
    const { exitCode, answers } = await masters.run({ application: "gone" });
    expect(exitCode).toBe(65);
    expect(answers).toMatchObject([{ action: "SendTaskFailure", error: "Grid.BrokenRecord" }]);
    expect(answers[0]!.cause).toContain("this grid has no application gone");
  });

  test("that meets trouble with a service exits with 1, so that Kubernetes tries it again", async () => {
    const { exitCode, answers, stdout } = await masters.run(
      { application: "one" },
      { env: { [ENV.bucket]: "no-such-bucket" } },
    );
    expect(exitCode).toBe(1);
    expect(answers).toEqual([]);
    expect(stdout).toContain("NoSuchBucket");
  });

  test("that is told too little names the variable it misses", async () => {
    const { exitCode, stdout } = await masters.run({ application: "one" }, { env: { [ENV.taskToken]: "" } });
    expect(exitCode).toBe(1);
    expect(stdout).toContain(ENV.taskToken);
  });
});
