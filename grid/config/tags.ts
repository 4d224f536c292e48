import { Schema } from "effect";

const Key = Schema.String.check(
  Schema.isPattern(/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u, {
    message: 'expected a tag key of 1 to 128 letters, digits, spaces or _.:/=+-@ that does not begin with "aws:"',
  }),
);
const Value = Schema.String.check(
  Schema.isPattern(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u, {
    message: "expected a tag value of at most 256 letters, digits, spaces or _.:/=+-@",
  }),
);

/**
 * Tags of every resource, beside `burstgrid:grid`: cost centre, owner … AWS's bills show them once they are activated as cost
 * allocation tags in the Billing console. Default none. They cost nothing.
 */
export const TagsConfig = Schema.Record(Key, Value);
export type TagsConfig = typeof TagsConfig.Type;
