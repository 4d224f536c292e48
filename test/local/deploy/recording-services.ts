import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Services } from "#local/deploy/index.ts";
import { LOCAL_CREDENTIALS, REGION } from "#local/names.ts";

type Recorded<Method extends (argument: never) => unknown> = Parameters<Method>[0][];

export interface Recording {
  readonly buses: Recorded<Services["buses"]["createBus"]>;
  readonly rules: Recorded<Services["buses"]["putRule"]>;
  readonly schedules: Recorded<Services["buses"]["schedule"]>;
  readonly functions: Recorded<Services["functions"]["deploy"]>;
  readonly mappings: Recorded<Services["functions"]["mapEventSource"]>;
  readonly stateMachines: Recorded<Services["stateMachines"]["deploy"]>;
  readonly manifests: Recorded<Services["kubernetes"]["apply"]>;
  readonly accessEntries: Recorded<Services["kubernetes"]["grantAccess"]>;
}

/** Services that note what is asked of them and answer with ARNs; queues, tables and objects are clients of `origin`. */
export function recordingServices(origin: string): { readonly services: Services; readonly recording: Recording } {
  const recording: Recording = {
    buses: [],
    rules: [],
    schedules: [],
    functions: [],
    mappings: [],
    stateMachines: [],
    manifests: [],
    accessEntries: [],
  };
  const client = { endpoint: origin, region: REGION, credentials: LOCAL_CREDENTIALS };
  const services: Services = {
    buses: {
      createBus: (name) => {
        recording.buses.push(name);
        return `arn:bus:${name}`;
      },
      putRule: (rule) => {
        recording.rules.push(rule);
        return `arn:rule:${rule.name}`;
      },
      schedule: (rule) => {
        recording.schedules.push(rule);
        return `arn:rule:${rule.name}`;
      },
    },
    functions: {
      deploy: (definition) => {
        recording.functions.push(definition);
        return `arn:function:${definition.name}`;
      },
      mapEventSource: async (mapping) => {
        recording.mappings.push(mapping);
        return `mapping-${recording.mappings.length}`;
      },
    },
    stateMachines: {
      deploy: (definition) => {
        recording.stateMachines.push(definition);
        return `arn:stateMachine:${definition.name}`;
      },
    },
    kubernetes: {
      apply: async (manifest) => {
        recording.manifests.push(manifest);
      },
      grantAccess: (entry) => void recording.accessEntries.push(entry),
    },
    sqs: new SQSClient(client),
    dynamodb: new DynamoDBClient(client),
    s3: new S3Client({ ...client, forcePathStyle: true }),
  };
  return { services, recording };
}
