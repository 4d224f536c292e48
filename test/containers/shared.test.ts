import { expect, test } from "vitest";
import { commandEnvironment } from "#containers/command-environment.ts";
import { jsonLogger } from "#containers/log.ts";
import { TextTail } from "#containers/text-tail.ts";
import { decodeGrid } from "#grid/config.ts";
import { definitionOf } from "#grid/definition.ts";

const { pricing } = definitionOf(
  decodeGrid(
    { applications: { pricing: { task: { command: ["price"] }, env: { LANG: "de_CH", DEPTH: "3" } } } },
    "test",
  ),
).applications;

test("a command has its image's environment, then the application's, then the facts, and nothing of the grid's own", () => {
  const own = {
    PATH: "/bin",
    LANG: "C",
    AWS_SECRET_ACCESS_KEY: "s",
    BURSTGRID_TASK_TOKEN: "t",
    BURSTGRID_SHARED: "/other",
    KUBERNETES_SERVICE_HOST: "10.0.0.1",
  };
  expect(commandEnvironment(own, pricing!, { jobId: "j", shared: "/fsx/jobs/j", index: 0, attempt: 2 })).toEqual({
    PATH: "/bin",
    LANG: "de_CH",
    DEPTH: "3",
    BURSTGRID_JOB_ID: "j",
    BURSTGRID_APPLICATION: "pricing",
    BURSTGRID_SHARED: "/fsx/jobs/j",
    BURSTGRID_TASK_INDEX: "0",
    BURSTGRID_ATTEMPT: "2",
  });
});

test("a tail keeps the last bytes, without the rest of a character that was cut", () => {
  const tail = new TextTail(5);
  for (const piece of ["abc", "dé", "日本"]) tail.push(Buffer.from(piece));
  expect(tail.toString()).toBe("本");
  tail.push(Buffer.from(" the end \n"));
  expect(tail.toString()).toBe("end");
});

test("a log line is one line of JSON, whatever its details are", () => {
  const lines: string[] = [];
  const log = jsonLogger((line) => lines.push(line), { job: "j" });
  const circular: { self?: object; n: number } = { n: 1 };
  circular.self = circular;
  log.info("plain", { index: 3 });
  log.warn("failed", { error: new RangeError("low\nlower") });
  log.error("odd", circular);
  expect(lines.every((line) => line.endsWith("\n") && line.indexOf("\n") === line.length - 1)).toBe(true);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: "INFO", message: "plain", job: "j", index: 3 },
    {
      level: "WARN",
      error: { name: "RangeError", message: "low\nlower", stack: expect.stringContaining("shared.test") },
    },
    { level: "ERROR", message: "odd", details: expect.stringContaining("[Circular *1]") },
  ]);
});
