import { Schema, SchemaIssue } from "effect";
import { FieldProblem, ProblemStatus } from "#grid/api.ts";

/** Why a request is not served, as its sender is told (RFC 9457). */
export class HttpProblem extends Schema.TaggedError<HttpProblem>()("HttpProblem", {
  status: ProblemStatus,
  detail: Schema.String,
  errors: Schema.optionalKey(Schema.Array(FieldProblem)),
  /** Further response headers. */
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
}) {
  override get message() {
    return `${this.status}: ${this.detail}`;
  }
}

/** One field that does not fit. */
export const badField = (pointer: string, detail: string) =>
  new HttpProblem({ status: 400, detail: `${pointer}: ${detail}`, errors: [{ pointer, detail }] });

/** Fields that a Schema refused; `pointerOf` writes a path as the sender would. */
export function badFields(
  { issue }: Schema.SchemaError,
  pointerOf: (path: readonly PropertyKey[]) => string,
): HttpProblem {
  const errors = SchemaIssue.makeFormatterStandardSchemaV1()(issue).issues.map(({ path, message }) => ({
    pointer: pointerOf((path ?? []) as readonly PropertyKey[]),
    detail: message === "Expected no excess property" ? "there is no such field" : message,
  }));
  return new HttpProblem({
    status: 400,
    detail: errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join("; "),
    errors,
  });
}

/** RFC 6901, as a URI fragment. */
export const jsonPointer = (path: readonly PropertyKey[]): string =>
  `#${path.map((key) => `/${encodeURIComponent(String(key).replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("")}`;
