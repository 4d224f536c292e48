import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { LOCAL_CREDENTIALS, REGION } from "#local/names.ts";

export type Clients = ReturnType<typeof clientsOf>;

/** Plain SDK clients of a local grid, as a user has them. */
export function clientsOf(endpoint: string) {
  const config = { endpoint, region: REGION, credentials: LOCAL_CREDENTIALS, maxAttempts: 1 };
  return {
    events: new EventBridgeClient(config),
    sfn: new SFNClient(config),
    sqs: new SQSClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    dynamodb: new DynamoDBClient(config),
  };
}
