import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workbench } from "./workbench.ts";
import { WorkerImage } from "./worker-image.ts";

let image: WorkerImage;

beforeAll(async () => {
  image = await WorkerImage.build({
    squares: { handler: "export const handler = async ({ n }) => n * n;" },
  });
});
afterAll(() => image[Symbol.asyncDispose]());

describe("a worker", () => {
  it("reports each task of a pack, then deletes its message", async () => {
    await using bench = await Workbench.open();
    await bench.send("squares", [{ n: 2 }, { n: 3 }]);
    bench.startWorker(image);
    const [report] = await bench.reports(2);
    expect(report).toMatchObject({ job: "j", application: "squares", chunk: "c0", epoch: 0, ok: [[0, 1]], failed: [] });
    expect(report!.results).toEqual([
      { index: 0, output: 4 },
      { index: 1, output: 9 },
    ]);
    await bench.emptied();
    const calls = bench.actions.filter((action) => /^(Send|Delete)/.test(action));
    expect(calls).toEqual(["SendMessageBatch", "DeleteMessageBatch"]);
  });
});
