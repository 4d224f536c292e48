import { Schema } from "effect";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const Properties = Schema.Struct({
  Name: Schema.String,
  KmsKeyIdentifier: passedOver("events are in this process's memory"),
  DeadLetterConfig: passedOver("it is for events that cannot be decrypted, and nothing is encrypted here"),
  Description: passedOver("for the reader of the console"),
  Tags: TAGS,
});

export const eventBus = provider(Properties, ({ Name }, _resource, { services }) => ({
  ref: Name,
  attributes: { Arn: services.buses.createBus(Name), Name },
}));
