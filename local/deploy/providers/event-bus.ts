import { Schema } from "effect";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const Properties = Schema.Struct({
  Name: Schema.String,
  Description: passedOver("for the reader of the console"),
  Tags: TAGS,
});

export const eventBus = provider(Properties, ({ Name }, _resource, { services }) => ({
  ref: Name,
  attributes: { Arn: services.buses.createBus(Name), Name },
}));
