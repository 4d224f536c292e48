import { type Schema, SchemaIssue } from "effect";

/** A config file that cannot be used; the message names file, path, what was expected and what came. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];
  constructor(source: string, problems: readonly string[]) {
    super([`${source} is not a valid grid config:`, ...problems.map((problem) => `  ${problem}`)].join("\n"));
    this.problems = problems;
  }
}

/** One line an issue: the path with dots, then what is wrong there. */
export function problemsOf(error: Schema.SchemaError): string[] {
  return SchemaIssue.makeFormatterStandardSchemaV1()(error.issue).issues.map(({ path, message }) => {
    const place = (path ?? []).map(String).join(".");
    const text = message === "Expected no excess property" ? "there is no such field" : lowerFirst(message);
    return place === "" ? text : `${place}: ${text}`;
  });
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
