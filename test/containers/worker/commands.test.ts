import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Workbench } from "./workbench.ts";
import { type TestApplication, WorkerImage } from "./worker-image.ts";

const shell = (script: string, more: Partial<TestApplication> = {}): TestApplication =>
  ({ command: ["sh", "-c", script], ...more }) as TestApplication;

/** Leaves its own pid and that of a process it starts in the job's folder, and waits. */
const FAMILY = `echo $$ > "$BURSTGRID_SHARED/leader"; sleep 600 & echo $! > "$BURSTGRID_SHARED/child"; wait`;

let image: WorkerImage;

beforeAll(async () => {
  image = await WorkerImage.build({
    echo: shell("cat"),
    pretty: shell(`printf '{\\n  "big": 12345678901234567890,\\n  "text": "a\\\\nb"\\n}\\n'`),
    environment: { command: [process.execPath, "-p", "JSON.stringify(process.env)"], env: { DESK: "rates" } },
    deaf: shell("exec 0<&-; sleep 0.1; echo 1"),
    failing: shell("echo first >&2; echo second >&2; exit 3"),
    killed: shell("kill -SEGV $$"),
    absent: { command: ["no-such-program"] },
    chatty: shell("echo done"),
    silent: shell("true"),
    endless: { command: ["yes"] },
    folder: shell('printf "\\"%s\\"" "$PWD"'),
    strict: shell("echo '{}'", { output: { type: "object", required: ["price"] } }),
    slow: shell(FAMILY, { timeoutSeconds: 0.5 }),
    slower: shell(FAMILY),
  });
});
afterAll(() => image[Symbol.asyncDispose]());

/** What an application's only task comes to. */
async function outcomeOf(application: string, task: unknown = {}): Promise<unknown> {
  await using bench = await Workbench.open();
  await bench.send(application, [task]);
  bench.startWorker(image);
  const [row] = await bench.results(1);
  return "output" in row! ? row.output : "error" in row! ? row.error : row;
}

const failed = (message: unknown) => ({ type: "Grid.CommandFailed", message });

/** Whether a process is there; one that only waits to be reaped is not. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => " Z ");
  return !/\) Z |^ Z /.test(status);
}

describe("a command", () => {
  it("gets a task as JSON on stdin and answers with the JSON that it prints", async () => {
    expect(await outcomeOf("echo", { a: [1, "ü\u2028"] })).toEqual({ a: [1, "ü\u2028"] });
  });

  it("may print its value on several lines, and keeps the digits of its numbers", async () => {
    await using bench = await Workbench.open();
    await bench.send("pretty", [{}]);
    bench.startWorker(image);
    const [report] = await bench.reports(1);
    expect(report!.rows[0]).toMatch(/^\{"index":0,"output":\{ +"big": 12345678901234567890, +"text": "a\\nb" \}\}$/);
  });

  it("gets the application's environment and the task's, and no credentials", async () => {
    await using bench = await Workbench.open();
    await bench.send("environment", [{}], { indexes: [[4, 4]], attempt: 2 });
    bench.startWorker(image);
    const [row] = await bench.results(1);
    expect((row as { readonly output: unknown }).output).toEqual({
      PATH: process.env["PATH"],
      HOME: bench.folder,
      DESK: "rates",
      BURSTGRID_JOB_ID: "j",
      BURSTGRID_APPLICATION: "environment",
      BURSTGRID_TASK_INDEX: "4",
      BURSTGRID_ATTEMPT: "2",
      BURSTGRID_SHARED: join(bench.folder, "shared/jobs/j"),
    });
  });

  it("need not read its stdin", async () => {
    expect(await outcomeOf("deaf", "x".repeat(200_000))).toBe(1);
  });

  it("runs in the folder of the image's files", async () => {
    expect(await outcomeOf("folder")).toBe(join(image.folder, "files"));
  });

  it("that exits with another code than 0 fails with the code and the end of its stderr, which is logged too", async () => {
    await using bench = await Workbench.open();
    await bench.send("failing", [{}]);
    const worker = bench.startWorker(image);
    const message = "sh exited with code 3; the end of its stderr:\nfirst\nsecond";
    expect(await bench.results(1)).toEqual([{ index: 0, error: failed(message), attempts: 1 }]);
    expect(await worker.logged("second")).toMatchObject({ job: "j", task: 0, stream: "stderr" });
  });

  it("that is ended by a signal fails with its name", async () => {
    expect(await outcomeOf("killed")).toEqual(failed("sh was ended by SIGSEGV"));
  });

  it("that is not there fails, and says so", async () => {
    expect(await outcomeOf("absent")).toEqual(failed("no-such-program did not start: spawn no-such-program ENOENT"));
  });

  it("that prints something else than one JSON value fails", async () => {
    const bad = (message: string) => ({ type: "Grid.BadOutput", message: expect.stringContaining(message) });
    expect(await outcomeOf("chatty")).toEqual(bad('it began with "done"'));
    expect(await outcomeOf("silent")).toEqual(bad("it began with nothing"));
  });

  it("that prints what the application's schema does not allow fails", async () => {
    expect(await outcomeOf("strict")).toMatchObject({ type: "Grid.BadOutput" });
  });

  it("that prints more than 100 MiB is killed", async () => {
    const message = "the output is more than 104857600 bytes on stdout: at most 104857600 bytes of JSON";
    expect(await outcomeOf("endless")).toEqual({ type: "Grid.OutputTooLarge", message });
  });

  it("that takes too long is killed with all that it started", async () => {
    await using bench = await Workbench.open();
    await bench.send("slow", [{}]);
    bench.startWorker(image);
    expect(await bench.results(1)).toMatchObject([{ error: { type: "Grid.TaskTimedOut" } }]);
    await familyEnded(bench);
  });

  it("ends with a worker that is told twice to end", async () => {
    await using bench = await Workbench.open();
    await bench.send("slower", [{}]);
    const worker = bench.startWorker(image);
    const file = join(bench.folder, "shared/jobs/j/child");
    await vi.waitFor(async () => expect(await readFile(file, "utf8")).toMatch(/\n/), { timeout: 20_000 });
    worker.signal("SIGTERM");
    await worker.logged("the worker drains");
    worker.signal("SIGTERM");
    expect(await worker.ended()).toBe(1);
    await familyEnded(bench);
  });
});

async function familyEnded(bench: Workbench): Promise<void> {
  for (const name of ["leader", "child"]) {
    const pid = Number(await readFile(join(bench.folder, "shared/jobs/j", name), "utf8"));
    await vi.waitFor(async () => expect(await isAlive(pid)).toBe(false));
  }
}
