import { Ajv2020 } from "ajv/dist/2020.js";
import type { JsonSchema } from "./definition.ts";

/** Says what is wrong with a value, a line a problem; nothing when it fits. */
export type JsonCheck = (value: unknown) => string[];

/** Makes the check that a JSON Schema (draft 2020-12) stands for. Throws an Error for a schema that is none. */
export function jsonCheck(schema: JsonSchema): JsonCheck {
  const validate = new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  return (value) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message, params }) => {
          const place = instancePath === "" ? "" : `${instancePath.slice(1).replaceAll("/", ".")}: `;
          const extra = "additionalProperty" in params ? `: ${String(params["additionalProperty"])}` : "";
          return `${place}${message ?? "does not fit"}${extra}`;
        });
}
