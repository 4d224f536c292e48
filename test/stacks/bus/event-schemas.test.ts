import { Schema } from "effect";
import { describe, expect, it } from "vitest";
import { DETAIL_TYPES, JobRequest } from "#grid/events.ts";
import { draft4 } from "#stacks/bus/draft-4.ts";
import { eventSchema } from "#stacks/bus/event-schemas.ts";

describe("a schema of draft 2020-12 in draft 4", () => {
  it("says a bound that is excluded in draft 4's words", () => {
    expect(draft4({ type: "number", exclusiveMinimum: 0 })).toEqual({
      type: "number",
      minimum: 0,
      exclusiveMinimum: true,
    });
    expect(draft4({ exclusiveMaximum: 9 })).toEqual({ maximum: 9, exclusiveMaximum: true });
  });

  it("says a constant as the only one of an enumeration", () => {
    expect(draft4({ const: "x" })).toEqual({ enum: ["x"] });
  });

  it("is translated all the way down", () => {
    expect(draft4({ properties: { a: { anyOf: [{ items: { const: 1 } }] } }, additionalProperties: false })).toEqual({
      properties: { a: { anyOf: [{ items: { enum: [1] } }] } },
      additionalProperties: false,
    });
  });

  it("refuses by name a keyword that draft 4 has no words for", () => {
    expect(() => draft4({ properties: { a: { prefixItems: [] } } })).toThrow(
      "the JSON Schema keyword prefixItems has no counterpart in draft 4 here",
    );
  });
});

describe("the schema of an event", () => {
  it("is of the whole event, its detail that of the grid's own Schema", () => {
    const schema = eventSchema(DETAIL_TYPES.requested, JobRequest);
    expect(schema).toMatchObject({
      $schema: "http://json-schema.org/draft-04/schema#",
      properties: {
        "detail-type": { enum: ["Grid Job Requested"] },
        detail: { required: ["application"], properties: { deadlineSeconds: { minimum: 0, exclusiveMinimum: true } } },
      },
    });
  });

  it("of a detail with definitions of its own is refused: they would dangle", () => {
    const named = Schema.Struct({ a: Schema.String }).annotate({ identifier: "Named" });
    expect(() => eventSchema("Some Event", Schema.Struct({ one: named, two: named }))).toThrow(
      "the detail of Some Event refers to Named: write it out",
    );
  });
});
