import { Schema, SchemaIssue } from "effect";
import { DeployError } from "./deploy-error.ts";

/** A property that a provider knows and does without; the reason is for the reader of the code. */
export const passedOver = (reason: string) => Schema.optionalKey(Schema.Unknown.annotate({ description: reason }));

/** Tags are for AWS's own pages and bills. */
export const TAGS = passedOver("tags are for AWS's own pages and bills");

/** Decodes a resource's resolved properties. Throws a DeployError that names each property the provider does not honour. */
export function decodeProperties<S extends Schema.Top & { readonly DecodingServices: never }>(
  schema: S,
  resource: { readonly name: string; readonly properties: unknown },
): S["Type"] {
  const decoded = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })(resource.properties);
  if (decoded._tag === "Success") return decoded.success;
  const issues = SchemaIssue.makeFormatterStandardSchemaV1()(decoded.failure.issue).issues;
  throw new DeployError(
    issues
      .map(({ path, message }) => {
        const place = [resource.name, (path ?? []).map(String).join(".")].filter((part) => part !== "").join(": ");
        return `${place}: ${message === "Expected no excess property" ? "this property is not implemented locally" : message}`;
      })
      .join("\n"),
  );
}
