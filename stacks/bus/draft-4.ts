/** A JSON Schema, of any draft. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords that mean the same in both drafts, as far as Effect's Schemas give rise to them. */
const SHARED = [
  ...["type", "enum", "required", "uniqueItems", "title", "description", "default", "format", "pattern"],
  ...["minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "multipleOf"],
];
/** Keywords whose value is a schema, a list of them, or true or false. */
const OF_SCHEMAS = ["items", "additionalProperties", "allOf", "anyOf", "oneOf", "not"];

/**
 * A JSON Schema of draft 2020-12 in draft 4, the one that EventBridge's registry takes. Throws an Error that names a keyword it has no
 * words for.
 */
export function draft4(schema: JsonSchema): JsonSchema {
  return Object.assign({}, ...Object.entries(schema).map(([keyword, value]) => keywordInDraft4(keyword, value)));
}

function keywordInDraft4(keyword: string, value: unknown): JsonSchema {
  if (SHARED.includes(keyword)) return { [keyword]: value };
  if (OF_SCHEMAS.includes(keyword)) return { [keyword]: Array.isArray(value) ? value.map(nested) : nested(value) };
  switch (keyword) {
    case "properties":
    case "patternProperties": {
      const schemas = Object.entries(value as Record<string, unknown>);
      return { [keyword]: Object.fromEntries(schemas.map(([name, schema]) => [name, nested(schema)])) };
    }
    case "exclusiveMinimum":
      return { minimum: value, exclusiveMinimum: true };
    case "exclusiveMaximum":
      return { maximum: value, exclusiveMaximum: true };
    case "const":
      return { enum: [value] };
    default:
      throw new Error(`the JSON Schema keyword ${keyword} has no counterpart in draft 4 here`);
  }
}

const nested = (schema: unknown): unknown =>
  typeof schema === "object" && schema !== null ? draft4(schema as JsonSchema) : schema;
