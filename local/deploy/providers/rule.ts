import { Schema } from "effect";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const Target = Schema.Struct({
  Id: Schema.String,
  Arn: Schema.String,
  RoleArn: passedOver("permissions are not enforced here"),
  DeadLetterConfig: Schema.optionalKey(Schema.Struct({ Arn: Schema.String })),
  RetryPolicy: Schema.optionalKey(
    Schema.Struct({
      MaximumRetryAttempts: Schema.optionalKey(Schema.Int),
      MaximumEventAgeInSeconds: Schema.optionalKey(Schema.Int),
    }),
  ),
});

const Properties = Schema.Struct({
  Name: Schema.optionalKey(Schema.String),
  Description: passedOver("for the reader of the console"),
  EventBusName: Schema.optionalKey(Schema.String),
  EventPattern: Schema.Record(Schema.String, Schema.Unknown),
  State: Schema.optionalKey(Schema.Literals(["ENABLED", "DISABLED"])),
  Targets: Schema.optionalKey(Schema.Array(Target)),
  Tags: TAGS,
});

const DEFAULT_BUS = "default";

export const rule = provider(Properties, (properties, resource, { services }) => {
  const { EventBusName: bus = DEFAULT_BUS, Name: name = resource.physicalName(64) } = properties;
  const arn = services.buses.putRule({
    name,
    bus,
    pattern: properties.EventPattern,
    state: properties.State ?? "ENABLED",
    targets: (properties.Targets ?? []).map(({ Id, Arn, DeadLetterConfig, RetryPolicy: retry }) => ({
      id: Id,
      arn: Arn,
      ...(DeadLetterConfig !== undefined && { deadLetterArn: DeadLetterConfig.Arn }),
      ...(retry?.MaximumRetryAttempts !== undefined && { retryAttempts: retry.MaximumRetryAttempts }),
      ...(retry?.MaximumEventAgeInSeconds !== undefined && { maximumEventAgeSeconds: retry.MaximumEventAgeInSeconds }),
    })),
  });
  return { ref: bus === DEFAULT_BUS ? name : `${bus}|${name}`, attributes: { Arn: arn } };
});
