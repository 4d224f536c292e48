import { Schema } from "effect";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const Properties = Schema.Struct({
  Name: Schema.String,
  Type: Schema.Literal("String"),
  Value: Schema.String,
  Description: passedOver("for the reader of the console"),
  Tags: TAGS,
});

/** For the parameters of later stacks that are read from Systems Manager; nothing else asks for it here. */
export const ssmParameter = provider(Properties, ({ Name, Value }, _resource, { parameterStore }) => {
  parameterStore.set(Name, Value);
  return { ref: Name, attributes: { Type: "String", Value } };
});
