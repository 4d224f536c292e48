import { Schema } from "effect";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const Properties = Schema.Struct({
  FunctionName: Schema.optionalKey(Schema.String),
  Code: Schema.Struct({ S3Bucket: Schema.String, S3Key: Schema.String }),
  Handler: Schema.String,
  Runtime: Schema.String.check(
    Schema.isPattern(/^nodejs\d+\.x$/, { message: "expected a Node.js runtime: no other runs locally" }),
  ),
  Environment: Schema.optionalKey(
    Schema.Struct({ Variables: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)) }),
  ),
  /** Seconds; Lambda's default is 3. */
  Timeout: Schema.optionalKey(Schema.Int),
  /** MB; Lambda's default is 128. */
  MemorySize: Schema.optionalKey(Schema.Int),
  ReservedConcurrentExecutions: Schema.optionalKey(Schema.Int),
  Architectures: passedOver("it runs on this machine's own"),
  Description: passedOver("for the reader of the console"),
  KmsKeyArn: passedOver("nothing is encrypted at rest here"),
  LoggingConfig: passedOver("each function's log is a file"),
  Role: passedOver("permissions are not enforced here"),
  VpcConfig: passedOver("it reaches the local services directly"),
  TracingConfig: passedOver("nothing collects traces here"),
  Tags: TAGS,
});

export const lambdaFunction = provider(Properties, (properties, resource, { services, assembly }) => {
  const name = properties.FunctionName ?? resource.physicalName(64);
  const { ReservedConcurrentExecutions: reserved } = properties;
  const arn = services.functions.deploy({
    name,
    code: assembly.file(properties.Code.S3Bucket, properties.Code.S3Key),
    handler: properties.Handler,
    environment: properties.Environment?.Variables ?? {},
    timeoutSeconds: properties.Timeout ?? 3,
    memoryMegabytes: properties.MemorySize ?? 128,
    ...(reserved !== undefined && { reservedConcurrency: reserved }),
  });
  return { ref: name, attributes: { Arn: arn } };
});
