import { expect, test } from "vitest";
import { CliError, UsageError } from "#cli/errors.ts";
import { explain } from "#cli/explain.ts";
import { toAwsError } from "#grid/aws.ts";

test("what the user can put right is its message alone, with exit code 1", () => {
  expect(explain(new CliError("no such job"))).toEqual({ message: "no such job", exitCode: 1 });
});

test("arguments that do not fit have exit code 2", () => {
  expect(explain(new UsageError("--tag"))).toEqual({ message: "--tag", exitCode: 2 });
});

test("a mistake in the program itself comes with its stack", () => {
  const { message, exitCode } = explain(new TypeError("x is undefined"));
  expect(exitCode).toBe(1);
  expect(message).toContain("TypeError: x is undefined\n    at ");
});

test("missing credentials say what to do", () => {
  const cause = Object.assign(new Error("Could not load credentials from any providers"), {
    name: "CredentialsProviderError",
  });
  expect(explain(toAwsError("DynamoDB.GetItem", cause)).message).toMatch(
    /^DynamoDB\.GetItem: .*: set AWS credentials, or start a local grid/,
  );
});

test("an error without a message has its name", () => {
  const refused = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });
  expect(explain(refused).message).toBe("AggregateError: nothing listens there; is the grid up?");
});
