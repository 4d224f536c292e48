import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";

/** What resources are made of: the local services, as far as deploying needs them. */
export interface Services {
  readonly buses: {
    createBus(name: string): string;
    putRule(rule: Rule): string;
    schedule(rule: ScheduledRule): string;
  };
  readonly functions: {
    deploy(definition: FunctionDefinition): string;
    mapEventSource(mapping: EventSourceMapping): Promise<string>;
  };
  readonly stateMachines: {
    deploy(definition: StateMachineDefinition): string | Promise<string>;
  };
  readonly kubernetes: {
    apply(manifest: object): Promise<void>;
    grantAccess(entry: AccessEntry): void;
  };
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
}

interface Rule {
  readonly name: string;
  readonly bus: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly state: "ENABLED" | "DISABLED";
  readonly targets: readonly RuleTarget[];
}

interface ScheduledRule {
  readonly name: string;
  readonly expression: string;
  readonly targets: readonly RuleTarget[];
}

interface RuleTarget {
  readonly id: string;
  readonly arn: string;
  /** Constant JSON text in place of the event. */
  readonly input?: string;
  readonly deadLetterArn?: string;
  readonly retryAttempts?: number;
  readonly maximumEventAgeSeconds?: number;
}

interface FunctionDefinition {
  readonly name: string;
  /** Folder with the bundled code. */
  readonly code: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly reservedConcurrency?: number;
}

interface EventSourceMapping {
  readonly functionName: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportBatchItemFailures: boolean;
  readonly maximumConcurrency?: number;
}

interface AccessEntry {
  /** The IAM role that is let in. */
  readonly principalArn: string;
  /** Kubernetes groups that RBAC knows it by. */
  readonly groups: readonly string[];
  readonly username?: string | undefined;
}

interface StateMachineDefinition {
  readonly name: string;
  /** Amazon States Language, all placeholders filled in. */
  readonly definition: string;
  readonly roleArn: string;
}
