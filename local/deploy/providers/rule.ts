import { Schema } from "effect";
import { DeployError } from "../deploy-error.ts";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const Target = Schema.Struct({
  Id: Schema.String,
  Arn: Schema.String,
  Input: Schema.optionalKey(Schema.String),
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
  EventPattern: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  ScheduleExpression: Schema.optionalKey(Schema.String),
  State: Schema.optionalKey(Schema.Literals(["ENABLED", "DISABLED"])),
  Targets: Schema.optionalKey(Schema.Array(Target)),
  Tags: TAGS,
});

const DEFAULT_BUS = "default";

export const rule = provider(Properties, (properties, resource, { services }) => {
  const {
    EventBusName: bus = DEFAULT_BUS,
    Name: name = resource.physicalName(64),
    State: state = "ENABLED",
  } = properties;
  const { EventPattern: pattern, ScheduleExpression: expression } = properties;
  const targets = (properties.Targets ?? []).map(({ Id, Arn, Input, DeadLetterConfig, RetryPolicy: retry }) => ({
    id: Id,
    arn: Arn,
    ...(Input !== undefined && { input: Input }),
    ...(DeadLetterConfig !== undefined && { deadLetterArn: DeadLetterConfig.Arn }),
    ...(retry?.MaximumRetryAttempts !== undefined && { retryAttempts: retry.MaximumRetryAttempts }),
    ...(retry?.MaximumEventAgeInSeconds !== undefined && { maximumEventAgeSeconds: retry.MaximumEventAgeInSeconds }),
  }));
  if ((pattern === undefined) === (expression === undefined) || (expression !== undefined && state !== "ENABLED")) {
    throw new DeployError(`${resource.name}: expected either EventPattern or, in an enabled rule, ScheduleExpression`);
  }
  const arn =
    expression === undefined
      ? services.buses.putRule({ name, bus, pattern: pattern ?? {}, state, targets })
      : services.buses.schedule({ name, expression, targets });
  return { ref: bus === DEFAULT_BUS ? name : `${bus}|${name}`, attributes: { Arn: arn } };
});
