import { BucketAlreadyExists, BucketAlreadyOwnedByYou, CreateBucketCommand } from "@aws-sdk/client-s3";
import { Schema } from "effect";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const Properties = Schema.Struct({
  BucketName: Schema.optionalKey(Schema.String),
  BucketEncryption: passedOver("objects are plain files of this machine"),
  VersioningConfiguration: passedOver("nobody asks for an older version of an object here"),
  LoggingConfiguration: passedOver("the gateway counts the calls"),
  LifecycleConfiguration: passedOver("nothing expires by itself here"),
  OwnershipControls: passedOver("there is one owner"),
  PublicAccessBlockConfiguration: passedOver("the endpoint is on the loopback interface"),
  Tags: TAGS,
});

export const bucket = provider(Properties, async ({ BucketName }, resource, { services }) => {
  const name = BucketName ?? resource.physicalName(63).toLowerCase();
  try {
    await services.s3.send(new CreateBucketCommand({ Bucket: name }));
  } catch (error) {
    const isKept = error instanceof BucketAlreadyOwnedByYou || error instanceof BucketAlreadyExists;
    if (!isKept) throw error;
  }
  return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
});
