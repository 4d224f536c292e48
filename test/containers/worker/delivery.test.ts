import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { packIndexes } from "#grid/message.ts";
import { inRanges } from "#grid/ranges.ts";
import { Workbench } from "./workbench.ts";
import { WorkerImage } from "./worker-image.ts";

let image: WorkerImage;

beforeAll(async () => {
  image = await WorkerImage.build({
    echo: { handler: "export const handler = async (task) => task;" },
    flaky: {
      handler: "export const handler = async (_, { attempt }) => { if (attempt === 1) throw new Error('first'); };",
      attempts: 2,
      backoff: { initialSeconds: 1, rate: 1, maxSeconds: 1 },
    },
    order: {
      handler: `
        import { appendFileSync } from "node:fs";
        import { join } from "node:path";
        export const handler = async (task, { shared }) => appendFileSync(join(shared, "order"), task);`,
    },
    overdue: {
      handler: "export const handler = () => new Promise((resolve) => setTimeout(resolve, 100));",
      pack: { targetSeconds: 0.5, maxTasks: 1000 },
    },
  });
});
afterAll(() => image[Symbol.asyncDispose]());

const times = (count: number, call: (n: number) => unknown) => Array.from({ length: count }, (_, n) => call(n));

describe("a worker", () => {
  it("deletes nothing whose outcomes it could not send yet", async () => {
    await using bench = await Workbench.open();
    let refusals = 0;
    bench.fails = (action) => action === "SendMessageBatch" && ++refusals <= 5;
    await bench.send("echo", [1]);
    const worker = bench.startWorker(image);
    await worker.logged("sending to grid-completions-fast failed; trying again");
    expect(bench.actions).not.toContain("DeleteMessageBatch");
    expect(bench.depth()).toMatchObject({ inFlight: 1 });
    expect(await bench.results(1)).toEqual([{ index: 0, output: 1 }]);
    await bench.emptied();
    expect(bench.actions.at(-1)).toBe("DeleteMessageBatch");
  });

  it("sends a task that is to be tried again, later, before it deletes the message of the first try", async () => {
    await using bench = await Workbench.open();
    await bench.send("flaky", [1, 2], { indexes: [[3, 4]], epoch: 2, chunk: "c9" });
    bench.startWorker(image);
    await vi.waitFor(() => expect(bench.actions).toContain("DeleteMessageBatch"), { timeout: 20_000 });
    expect(bench.actions.indexOf("SendMessageBatch")).toBeLessThan(bench.actions.indexOf("DeleteMessageBatch"));
    expect(bench.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    const [report] = await bench.reports(2);
    expect(report).toMatchObject({ ok: [[3, 4]], failed: [], epoch: 2, chunk: "c9" });
  });

  it("goes on when calls fail, and deletes again what SQS did not delete", async () => {
    await using bench = await Workbench.open();
    const failures = new Map<string, number>();
    bench.fails = (action) => {
      const count = (failures.get(action) ?? 0) + 1;
      failures.set(action, count);
      return count <= 4;
    };
    await bench.send("echo", [1]);
    bench.startWorker(image);
    expect(await bench.results(1)).toEqual([{ index: 0, output: 1 }]);
    await bench.emptied();
    expect([...failures.keys()].sort()).toEqual([
      "DeleteMessageBatch",
      "GetQueueUrl",
      "ReceiveMessage",
      "SendMessageBatch",
    ]);
  });

  it("leaves alone a message that is no pack, or of an application that its image lacks, and works on", async () => {
    await using bench = await Workbench.open();
    await bench.sendBody("not a pack", "high");
    await bench.send("unheard-of", [1], { priority: "high" });
    await bench.send("echo", [1]);
    const worker = bench.startWorker(image);
    expect(await bench.results(1)).toEqual([{ index: 0, output: 1 }]);
    await vi.waitFor(() => {
      const left = worker.lines.filter(({ message }) => message === "a message is left alone");
      const messages = left.map(({ error }) => (error as Error).message);
      expect(messages.sort()).toEqual([
        "Expected a valid JSON string",
        'job j: the image of pool general has no application "unheard-of"',
      ]);
      expect(left.every(({ messageId }) => typeof messageId === "string")).toBe(true);
    });
    expect(bench.depth("high")).toEqual({ visible: 0, inFlight: 2, delayed: 0 });
  });

  it("drops tasks whose job's deadline has passed, unrun", async () => {
    await using bench = await Workbench.open();
    await bench.send("echo", [1], { deadline: Date.now() - 1 });
    const worker = bench.startWorker(image);
    await worker.logged("tasks are dropped: their job's deadline has passed");
    await bench.emptied();
    expect(bench.actions).not.toContain("SendMessageBatch");
  });

  it("takes higher priorities first, and lower ones too", async () => {
    await using bench = await Workbench.open();
    for (const priority of ["low", "normal", "high"] as const) {
      for (let n = 0; n < 16; n++) {
        await bench.send("order", [priority[0]], { priority, chunk: `${priority}${n}`, indexes: [[n, n]] });
      }
    }
    bench.startWorker(image);
    await bench.emptied();
    const order = await bench.sharedFile("j", "order");
    expect([order.length, order[0]]).toEqual([48, "h"]);
    expect(order.indexOf("l")).toBeLessThan(order.lastIndexOf("h"));
  });

  it("groups the outcomes of many packs of a large job into few messages", async () => {
    await using bench = await Workbench.open();
    const tasks = times(1000, (n) => n);
    for (let n = 0; n < 20; n++)
      await bench.send("echo", tasks, { lane: "bulk", chunk: `c${n % 5}`, job: `j${n % 4}` });
    bench.startWorker(image);
    const reports = await bench.reports(20_000, "bulk");
    expect(new Set(reports.map(({ job, chunk }) => `${job} ${chunk}`)).size).toBe(20);
    expect(reports.every(({ ok, milliseconds }) => ok.length === 1 && milliseconds >= 0)).toBe(true);
    await bench.emptied();
    const count = (wanted: string) => bench.actions.filter((action) => action === wanted).length;
    // 20 packs of rows of some 27 KiB: three messages of 200 KiB at least, one more at each time that none was at hand.
    expect(count("SendMessageBatch")).toBeLessThanOrEqual(8);
    expect(count("DeleteMessageBatch")).toBeLessThanOrEqual(8);
    expect(count("ReceiveMessage")).toBeLessThanOrEqual(40);
  });

  it("hands back the rest of a pack that takes far longer than its target, packed by what was measured", async () => {
    await using bench = await Workbench.open();
    await bench.send(
      "overdue",
      times(100, (n) => n),
    );
    const worker = bench.startWorker(image);
    const { tasks, packs } = await worker.logged("tasks are handed back");
    expect(packs).toBeGreaterThan(3);
    await worker.drain();
    const left = await bench.waitingPacks();
    expect(Math.max(...left.map((pack) => pack.tasks.length))).toBeLessThanOrEqual(5);
    const indexes = left.flatMap(({ header }) => packIndexes(header));
    const done = (await bench.reports(100 - indexes.length)).flatMap(({ ok }) => [...inRanges(ok)]);
    expect([...indexes, ...done].sort((a, b) => a - b)).toEqual(times(100, (n) => n));
    expect(done.length).toBeGreaterThanOrEqual(100 - Number(tasks));
  });

  it("keeps trying when there is nothing to speak to, until it is told to end", async () => {
    await using bench = await Workbench.open();
    const worker = bench.startWorker(image);
    await worker.logged("the worker takes packs");
    await bench.closeEndpoint();
    const line = await worker.logged("receiving failed; trying again");
    expect(line).toMatchObject({ level: "WARN", queue: expect.stringContaining("grid-general-") });
    const { code, ms } = await worker.drain();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5000);
  });

  it("ends at once with the name of a setting that it lacks", async () => {
    await using bench = await Workbench.open();
    const worker = bench.startWorker(image, { slots: 0 });
    expect(await worker.ended()).toBe(1);
    expect(JSON.stringify(worker.lines)).toContain("BURSTGRID_SLOTS");
  });
});
