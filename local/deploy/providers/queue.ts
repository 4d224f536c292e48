import { CreateQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { Schema } from "effect";
import { ACCOUNT, REGION } from "../../names.ts";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const IN_MEMORY = "messages are in this process's memory; its endpoint takes no attributes of encryption";

const Properties = Schema.Struct({
  QueueName: Schema.optionalKey(Schema.String),
  DelaySeconds: Schema.optionalKey(Schema.Int),
  MaximumMessageSize: Schema.optionalKey(Schema.Int),
  MessageRetentionPeriod: Schema.optionalKey(Schema.Int),
  ReceiveMessageWaitTimeSeconds: Schema.optionalKey(Schema.Int),
  VisibilityTimeout: Schema.optionalKey(Schema.Int),
  RedrivePolicy: Schema.optionalKey(Schema.Struct({ deadLetterTargetArn: Schema.String, maxReceiveCount: Schema.Int })),
  KmsMasterKeyId: passedOver(IN_MEMORY),
  KmsDataKeyReusePeriodSeconds: passedOver(IN_MEMORY),
  SqsManagedSseEnabled: passedOver(IN_MEMORY),
  Tags: TAGS,
});

const NUMBERS = [
  "DelaySeconds",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "ReceiveMessageWaitTimeSeconds",
  "VisibilityTimeout",
] as const;

export const queue = provider(Properties, async (properties, resource, { services }) => {
  const { QueueName: given, RedrivePolicy } = properties;
  const name = given ?? resource.physicalName(80);
  const { QueueUrl: url } = await services.sqs.send(new CreateQueueCommand({ QueueName: name }));
  const attributes = {
    ...Object.fromEntries(
      NUMBERS.filter((attribute) => properties[attribute] !== undefined).map((attribute) => [
        attribute,
        String(properties[attribute]),
      ]),
    ),
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
