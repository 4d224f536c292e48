import { GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import { Schema } from "effect";
import { TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const Properties = Schema.Struct({
  EventSourceArn: Schema.String.check(
    Schema.isPattern(/^arn:aws:sqs:/, {
      message: "expected the ARN of an SQS queue: no other event source is served locally",
    }),
  ),
  FunctionName: Schema.String,
  /** Messages; Lambda's default for SQS is 10. */
  BatchSize: Schema.optionalKey(Schema.Int),
  MaximumBatchingWindowInSeconds: Schema.optionalKey(Schema.Int),
  FunctionResponseTypes: Schema.optionalKey(Schema.Array(Schema.Literal("ReportBatchItemFailures"))),
  ScalingConfig: Schema.optionalKey(Schema.Struct({ MaximumConcurrency: Schema.optionalKey(Schema.Int) })),
  Enabled: Schema.optionalKey(Schema.Literal(true)),
  Tags: TAGS,
});

export const eventSourceMapping = provider(Properties, async (properties, _resource, { services }) => {
  const { EventSourceArn: queueArn, ScalingConfig: scaling } = properties;
  const { QueueUrl: queueUrl } = await services.sqs.send(
    new GetQueueUrlCommand({ QueueName: queueArn.split(":").at(-1) }),
  );
  const id = await services.functions.mapEventSource({
    functionName: properties.FunctionName,
    queueArn,
    queueUrl: queueUrl!,
    batchSize: properties.BatchSize ?? 10,
    windowSeconds: properties.MaximumBatchingWindowInSeconds ?? 0,
    reportBatchItemFailures: (properties.FunctionResponseTypes ?? []).length > 0,
    ...(scaling?.MaximumConcurrency !== undefined && { maximumConcurrency: scaling.MaximumConcurrency }),
  });
  return { ref: id, attributes: { Id: id } };
});
