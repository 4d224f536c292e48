import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Masters } from "./masters.ts";
import { BUCKET } from "./small-cloud.ts";

let masters: Masters;
beforeAll(async () => {
  masters = await Masters.open();
});
afterAll(() => masters.close());

const shell = (script: string) => ({ command: ["/bin/sh", "-c", script] });
const node = (script: string) => ({ command: [process.execPath, "-e", script] });

/** A zombie that nobody has reaped yet counts as ended. */
const isAlive = (pid: number) =>
  /^[^Z]/.test(
    spawnSync("ps", ["-o", "stat=", "-p", `${pid}`])
      .stdout.toString()
      .trim(),
  );

/** Adds an application with a split command and runs it. */
async function splitBy(name: string, split: { readonly command: readonly string[] }, fields: object = {}) {
  await masters.image.add(name, {}, { split: { command: [...split.command] }, env: { COLOUR: "green" } });
  return masters.run({ application: name, ...fields });
}

describe("a split that is a command", () => {
  test("gets the input on stdin and prints a task a line; blank lines and carriage returns do not count", async () => {
    await masters.put("inputs/n.json", '{"n":2}');
    const { exitCode, job } = await splitBy("prints", shell(`cat; printf '\\r\\n\\n[1, 2]\\r\\n"last"'`), {
      inputUri: `s3://${BUCKET}/inputs/n.json`,
    });
    expect(exitCode).toBe(0);
    expect(await masters.tasks(job)).toEqual(['{"n":2}', "[1, 2]", '"last"']);
    expect(job.plan).toMatchObject({ total: 3, chunks: 1 });
  });

  test("runs in the folder of the user's files, with the job in its environment and without the grid's own", async () => {
    await masters.image.file("known.txt", "7");
    const { job, jobId } = await splitBy(
      "environment",
      node(`
        const { existsSync, readFileSync } = require("node:fs");
        const own = Object.keys(process.env).filter((name) => /^(AWS|BURSTGRID)_/.test(name)).sort();
        const { BURSTGRID_JOB_ID: id, BURSTGRID_APPLICATION: application, BURSTGRID_SHARED: shared, COLOUR } = process.env;
        console.log(JSON.stringify({ own, id, application, shared: existsSync(shared), COLOUR, known: readFileSync("known.txt", "utf8") }));
      `),
    );
    expect(JSON.parse((await masters.tasks(job))[0]!)).toEqual({
      own: ["BURSTGRID_APPLICATION", "BURSTGRID_JOB_ID", "BURSTGRID_SHARED"],
      id: jobId,
      application: "environment",
      shared: true,
      COLOUR: "green",
      known: "7",
    });
  });

  test("need not read its input", async () => {
    await masters.put("inputs/large.json", JSON.stringify("x".repeat(1_000_000)));
    const { exitCode, job } = await splitBy("deaf", shell("exec 0<&-; echo 1"), {
      inputUri: `s3://${BUCKET}/inputs/large.json`,
    });
    expect(exitCode).toBe(0);
    expect(await masters.tasks(job)).toEqual(["1"]);
  });

  test("that exits with 3 fails the state with that, and with the tail of its stderr, which is in the pod's log too", async () => {
    const { exitCode, answers, stderr, job } = await splitBy(
      "exits",
      shell("echo 1; printf '{\"half'; echo no prices >&2; exit 3"),
    );
    expect(exitCode).toBe(65);
    expect(stderr).toContain("no prices");
    expect(answers).toMatchObject([{ action: "SendTaskFailure", error: "Grid.SplitFailed" }]);
    expect(answers[0]!.cause).toMatch(/split of exits: .* exited with code 3\nstderr ends with:\nno prices$/s);
    expect(job.plan).toBeUndefined();
  });

  test("may say very much on stderr: the last 4 KB are told", async () => {
    const { answers } = await splitBy(
      "chatty",
      shell("i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; exit 1"),
    );
    expect(answers[0]!.cause).toContain("line 1999");
    expect(answers[0]!.cause).not.toContain("line 1000\n");
  });

  test("that a signal ends, or that does not start, fails the state", async () => {
    expect((await splitBy("killed", shell("kill -SEGV $$"))).answers[0]!.cause).toContain("was ended by SIGSEGV");
    expect((await splitBy("absent", { command: ["no-such-program"] })).answers[0]!.cause).toContain("no-such-program");
  });

  test("that prints a broken line fails the state with the line's number, and is ended", async () => {
    const script = `for (let i = 0; i < 5000; i++) console.log(i); console.log("{oops}"); setInterval(() => console.log(1), 10);`;
    const { exitCode, answers } = await splitBy("broken", node(script));
    expect(exitCode).toBe(65);
    expect(answers[0]!.cause).toMatch(/^line 5001 is not JSON: .*: \{oops\}/);
  });

  test("is ended together with what it started when the pod is told to end, and the pod exits with 143", async () => {
    await masters.image.add("endless", {}, { split: shell("sleep 1000 & echo $! >&2; wait") });
    let child = 0;
    const { exitCode, answers } = await masters.run(
      { application: "endless" },
      {
        onStart: (pod) =>
          void pod.stderr!.once("data", (text: Buffer) => {
            child = Number(text.toString());
            pod.kill("SIGTERM");
          }),
      },
    );
    expect(exitCode).toBe(143);
    expect(answers).toEqual([]);
    await vi.waitFor(() => expect(isAlive(child)).toBe(false));
  });

  test("of a million lines stays under 200 MB", async () => {
    const { exitCode, job, peakMb } = await splitBy(
      "stream",
      node(`
        let i = 0;
        const more = () => {
          while (i < 1e6) if (!process.stdout.write(JSON.stringify({ seed: 2020, path: i++, keep: "some sixty bytes of text in each of them" }) + "\\n")) return;
        };
        process.stdout.on("drain", more);
        more();
      `),
    );
    expect(exitCode).toBe(0);
    expect(job.plan).toMatchObject({ total: 1_000_000, chunks: 1000 });
    expect(peakMb).toBeLessThan(200);
  });
});

describe("a job that brought its tasks", () => {
  const index = async (tasksUri: string) => {
    await masters.image.add("brought", {});
    return masters.run({ application: "brought", tasksUri }, { phase: "index" });
  };

  test("has them copied and indexed", async () => {
    await masters.put("brought/good.jsonl", '\uFEFF{"a":1}\r\n\r\n  2\n"é"');
    const { exitCode, job, answers } = await index(`s3://${BUCKET}/brought/good.jsonl`);
    expect(exitCode).toBe(0);
    expect(await masters.tasks(job)).toEqual(['{"a":1}', "2", '"é"']);
    expect(await masters.chunks(job)).toEqual([{ chunk: "0", first: 0, count: 3, start: 0, end: 15 }]);
    expect(answers).toMatchObject([{ action: "SendTaskSuccess" }]);
  });

  test.each([
    ["a broken line", `${"1\n".repeat(70_000)}{"a":\n2`, /line 70001 is not JSON: .*: \{"a":$/],
    ["a line that is too long", `1\n${"9".repeat(262_145)}\n`, /line 2 has 262145 bytes: a task may have 262144/],
    ["no line break for a megabyte", `1\n2\n${"9".repeat(1_000_000)}`, /line 3 has more than 262144 bytes/],
  ])("with %s fails with Grid.BadTasks, which line, and what is wrong", async (what, body, reason) => {
    const key = `brought/${what.replaceAll(" ", "-")}.jsonl`;
    await masters.put(key, body);
    const { exitCode, answers } = await index(`s3://${BUCKET}/${key}`);
    expect(exitCode).toBe(65);
    expect(answers).toMatchObject([{ action: "SendTaskFailure", error: "Grid.BadTasks" }]);
    expect(answers[0]!.cause).toMatch(reason);
    expect(answers[0]!.cause).toContain(key);
  });

  test("at a place where nothing is fails with Grid.BadTasks, which names the place", async () => {
    const { exitCode, answers } = await index(`s3://${BUCKET}/brought/absent.jsonl`);
    expect(exitCode).toBe(65);
    expect(answers).toMatchObject([{ error: "Grid.BadTasks" }]);
    expect(answers[0]!.cause).toContain(`s3://${BUCKET}/brought/absent.jsonl cannot be read: NoSuchKey`);
  });
});
