import { CreateQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { Schema } from "effect";
import { ACCOUNT, REGION } from "../../names.ts";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const Properties = Schema.Struct({
  QueueName: Schema.optionalKey(Schema.String),
  DelaySeconds: Schema.optionalKey(Schema.Int),
  MaximumMessageSize: Schema.optionalKey(Schema.Int),
  MessageRetentionPeriod: Schema.optionalKey(Schema.Int),
  ReceiveMessageWaitTimeSeconds: Schema.optionalKey(Schema.Int),
  VisibilityTimeout: Schema.optionalKey(Schema.Int),
  RedrivePolicy: Schema.optionalKey(Schema.Struct({ deadLetterTargetArn: Schema.String, maxReceiveCount: Schema.Int })),
  SqsManagedSseEnabled: passedOver("messages are in this process's memory"),
  Tags: TAGS,
});

export const queue = provider(Properties, async (properties, resource, { services }) => {
  const { QueueName: given, RedrivePolicy, SqsManagedSseEnabled: _encryption, Tags: _tags, ...numbers } = properties;
  const name = given ?? resource.physicalName(80);
  const { QueueUrl: url } = await services.sqs.send(new CreateQueueCommand({ QueueName: name }));
  const attributes = {
    ...Object.fromEntries(Object.entries(numbers).map(([attribute, value]) => [attribute, String(value)])),
    ...(RedrivePolicy !== undefined && { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
  };
  if (Object.keys(attributes).length > 0) {
    await services.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: attributes }));
  }
  return {
    ref: url!,
    attributes: { Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`, QueueName: name, QueueUrl: url },
  };
});
