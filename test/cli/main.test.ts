import { describe, expect, test } from "vitest";
import { run } from "./run.ts";

describe("arguments that do not fit end with exit code 2 and say on stderr what was expected", () => {
  test.each([
    [["fly"], "unknown command 'fly'"],
    [["submit"], "missing required argument 'application'"],
    [["status", "j", "--fast"], "unknown option '--fast'"],
    [["status", "j", "k"], "too many arguments"],
    [["up", "--port", "65536"], "Expected a whole number from 0 to 65535"],
    [["up", "--port", "http"], "Expected a whole number from 0 to 65535"],
    [["up", "--workers", "0"], "Expected a whole number from 1 to 1024"],
    [["submit", "a", "--priority", "urgent"], "Allowed choices are high, normal, low"],
    [["submit", "a", "--tag", "desk"], '--tag "desk": expected name=value'],
    [["submit", "a", "--job-id", "no spaces"], '--job-id "no spaces": expected 1 to 128 letters'],
    [["submit", "no spaces"], "expected 1 to 128 letters"],
    [["submit", "a", "--input", "{x}"], "--input: not JSON"],
  ])("%j", async (args, message) => {
    const ran = await run(...args);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).toMatch(/^burstgrid: /);
  });
});

describe("help goes to stdout with exit code 0", () => {
  test("of the program: every command", async () => {
    const { code, stdout } = await run("--help");
    expect(code).toBe(0);
    for (const command of ["up", "submit", "status", "watch", "list", "results", "result"]) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    }
  });

  test.each([
    ["up", ["--port", "--config", "--state", "--workers", "--resume"]],
    ["submit", ["--input", "--tasks", "--job-id", "--priority", "--tag", "--wait", "--json", "--endpoint"]],
    ["status", ["--json", "--endpoint"]],
    ["watch", ["--endpoint"]],
    ["list", ["--json", "--endpoint"]],
    ["results", ["--failed", "--endpoint"]],
    ["result", ["--endpoint"]],
  ])("of %s: its options", async (command, options) => {
    const { code, stdout } = await run(command, "--help");
    expect(code).toBe(0);
    for (const option of options) expect(stdout).toContain(option);
  });
});
