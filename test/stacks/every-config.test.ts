import { beforeAll, describe, expect, it } from "vitest";
import {
  EXAMPLE_CONFIGS,
  type SynthesizedConfig,
  synthesizeConfig,
  type TemplateResource,
} from "./synthesize-config.ts";

/** A resource and where it stands: `Grid/StoreBucket4FBDE984`. */
type Placed = TemplateResource & { readonly place: string; readonly stack: string; readonly logicalId: string };

interface Statement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

describe.each(EXAMPLE_CONFIGS)("the %s grid", (name) => {
  let synthesized: SynthesizedConfig;
  let resources: Placed[];
  beforeAll(async () => {
    synthesized = await synthesizeConfig(name);
    resources = Object.entries(synthesized.templates).flatMap(([stack, { Resources }]) =>
      Object.entries(Resources).map(([logicalId, resource]) => ({
        ...resource,
        stack,
        logicalId,
        place: `${stack}/${logicalId}`,
      })),
    );
  }, 120_000);

  const ofType = (...types: string[]) => resources.filter(({ Type }) => types.includes(Type));
  const placesOf = (found: readonly Placed[]) => found.map(({ place }) => place);
  const statements = (): { place: string; statement: Statement }[] =>
    resources.flatMap(({ place, Type, Properties }) =>
      documentsOf(Type, Properties).flatMap((document) =>
        [document.Statement].flat().map((statement: Statement) => ({ place, statement })),
      ),
    );

  it("is synthesized within a minute", () => {
    expect(synthesized.seconds).toBeLessThan(60);
  });

  it("has no finding of cdk-nag's AwsSolutions, or of CDK's own validation, that is not acknowledged", () => {
    expect(synthesized.findings).toEqual([]);
  });

  it("encrypts queues, tables, topics and log groups with a key of its own", () => {
    const keyOf: Record<string, (properties: TemplateResource["Properties"]) => unknown> = {
      "AWS::SQS::Queue": ({ KmsMasterKeyId }) => KmsMasterKeyId,
      "AWS::SNS::Topic": ({ KmsMasterKeyId }) => KmsMasterKeyId,
      "AWS::Logs::LogGroup": ({ KmsKeyId }) => KmsKeyId,
      "AWS::Events::EventBus": ({ KmsKeyIdentifier }) => KmsKeyIdentifier,
      "AWS::Events::Archive": ({ KmsKeyIdentifier }) => KmsKeyIdentifier,
      "AWS::CloudTrail::Trail": ({ KMSKeyId }) => KMSKeyId,
      "AWS::EKS::Cluster": ({ EncryptionConfig }) => EncryptionConfig?.[0].Provider.KeyArn,
      "AWS::StepFunctions::StateMachine": ({ EncryptionConfiguration }) => EncryptionConfiguration?.KmsKeyId,
      "AWS::DynamoDB::GlobalTable": ({ Replicas }) => Replicas[0].SSESpecification?.KMSMasterKeyId,
    };
    const encrypted = ofType(...Object.keys(keyOf));
    expect(encrypted.length).toBeGreaterThan(20);
    const isOwn = (key: unknown) => /Keys(Data|Logs|Cluster|Vault)/.test(JSON.stringify(key) ?? "");
    expect(placesOf(encrypted.filter(({ Type, Properties }) => !isOwn(keyOf[Type]!(Properties))))).toEqual([]);
  });

  it("encrypts buckets with a key of its own and bucket keys, but for those that AWS's logs are delivered to", () => {
    const others = ofType("AWS::S3::Bucket").filter(({ Properties }) => {
      const [rule] = Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      return rule.ServerSideEncryptionByDefault.SSEAlgorithm !== "aws:kms" || rule.BucketKeyEnabled !== true;
    });
    for (const place of placesOf(others)) expect(place).toMatch(/AccessLogs/);
  });

  it("rotates its keys every year and keeps them when a stack goes", () => {
    const keys = ofType("AWS::KMS::Key");
    expect(keys.length).toBeLessThanOrEqual(5);
    for (const { Properties, DeletionPolicy } of keys) {
      expect(Properties.EnableKeyRotation).toBe(true);
      expect(DeletionPolicy).toBe("Retain");
    }
  });

  it("keeps what holds data when a stack goes", () => {
    for (const { place, DeletionPolicy, UpdateReplacePolicy } of ofType(
      "AWS::S3::Bucket",
      "AWS::DynamoDB::GlobalTable",
    )) {
      expect([place, DeletionPolicy, UpdateReplacePolicy]).toEqual([place, "Retain", "Retain"]);
    }
  });

  it("takes requests to buckets, queues and topics over TLS only", () => {
    const guarded = new Set(
      ofType("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
        .filter(({ Properties }) => Properties.PolicyDocument.Statement.some(refusesPlainHttp))
        .flatMap(({ stack, Properties: { Bucket, Queues, Topics } }) =>
          [Bucket ?? Queues ?? Topics].flat().map(({ Ref }) => `${stack}/${Ref}`),
        ),
    );
    const all = ofType("AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic");
    expect(placesOf(all).filter((place) => !guarded.has(place))).toEqual([]);
  });

  it("lets nobody into its buckets from outside the account", () => {
    for (const { Properties } of ofType("AWS::S3::Bucket")) {
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    }
  });

  it("gives each queue a dead-letter queue, and each target of an event; a tick of a clock is followed by the next", () => {
    const queues = ofType("AWS::SQS::Queue");
    const isDead = ({ Properties }: Placed) => /-dead$/.test(Properties.QueueName);
    expect(placesOf(queues.filter((queue) => !isDead(queue) && queue.Properties.RedrivePolicy === undefined))).toEqual(
      [],
    );
    for (const { place, Properties } of ofType("AWS::Events::Rule")) {
      if (Properties.ScheduleExpression !== undefined) continue;
      for (const target of Properties.Targets)
        expect([place, target.DeadLetterConfig]).toEqual([place, expect.anything()]);
    }
  });

  it("has no policy statement that allows every action, or by wildcard actions on every resource, but for a key's owner", () => {
    const broad = statements().filter(({ statement: { Effect, Action, Resource, Principal } }) => {
      const actions = [Action ?? []].flat();
      const isOwner = JSON.stringify(Principal ?? "").includes(":root");
      const onEvery = [Resource].flat().includes("*") && Principal === undefined;
      return (
        Effect === "Allow" &&
        !isOwner &&
        (actions.includes("*") || (onEvery && actions.some((action) => action.includes("*"))))
      );
    });
    expect(broad.map(({ place }) => place)).toEqual([]);
  });

  it("has no secret in a Lambda's environment or in a manifest: a Secret comes empty, to be filled in the cluster", () => {
    const secret =
      /password|passwd|secret_?(key|value)|private_?key|api_?key|BEGIN [A-Z ]*PRIVATE KEY|AKIA[A-Z0-9]{16}/i;
    for (const { place, Properties } of ofType("AWS::Lambda::Function")) {
      const variables = Properties.Environment?.Variables ?? {};
      for (const [variable, value] of Object.entries(variables)) {
        expect(`${place}: ${variable}=${JSON.stringify(value)}`).not.toMatch(secret);
      }
    }
    for (const { place, Properties } of ofType("Custom::AWSCDK-EKS-KubernetesResource")) {
      const manifest = textOf(Properties.Manifest);
      expect(`${place}: ${manifest}`).not.toMatch(secret);
      if (manifest.includes('"kind":"Secret"')) expect(`${place}: ${manifest}`).not.toMatch(/"(data|stringData)":/);
    }
  });

  it("lets no other account put events on the bus than those named, and none in the grid's own name", () => {
    const { publishers } = synthesized.grid.bus;
    const policies = ofType("AWS::Events::EventBusPolicy").map(({ Properties }) => Properties.Statement);
    expect(policies).toHaveLength(publishers.length > 0 ? 1 : 0);
    for (const { Action, Principal, Condition } of policies) {
      expect(Action).toBe("events:PutEvents");
      expect(JSON.stringify(Principal).match(/\d{12}/g)).toEqual(publishers);
      expect(Condition).toEqual({ StringNotEquals: { "events:source": "burstgrid" } });
    }
  });

  it("keeps no log for ever", () => {
    for (const { place, Properties } of ofType("AWS::Logs::LogGroup")) {
      expect([place, Properties.RetentionInDays]).toEqual([place, expect.any(Number)]);
    }
  });

  it("tags whatever has tags with the grid's name and the config's tags", () => {
    const wanted = { ...synthesized.grid.tags, "burstgrid:grid": synthesized.grid.name };
    for (const { place, Properties } of ofType(
      "AWS::S3::Bucket",
      "AWS::SQS::Queue",
      "AWS::KMS::Key",
      "AWS::FSx::FileSystem",
    )) {
      const tags = Object.fromEntries(Properties.Tags.map(({ Key, Value }: Tag) => [Key, Value]));
      expect([place, tags]).toEqual([place, expect.objectContaining(wanted)]);
    }
  });
});

/** A template's text, with a token's JSON in place of its value. */
const textOf = (value: string | { readonly "Fn::Join": readonly [string, readonly unknown[]] }): string =>
  typeof value === "string"
    ? value
    : value["Fn::Join"][1].map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join("");

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

interface PolicyDocument {
  readonly Statement: Statement | readonly Statement[];
}

/** Policies that a resource consists of or carries. */
function documentsOf(type: string, properties: TemplateResource["Properties"]): PolicyDocument[] {
  if (type === "AWS::IAM::Role") {
    const inline = (properties.Policies ?? []).map(
      ({ PolicyDocument }: { PolicyDocument: PolicyDocument }) => PolicyDocument,
    );
    return [properties.AssumeRolePolicyDocument, ...inline];
  }
  return [properties?.PolicyDocument ?? properties?.KeyPolicy ?? []].flat();
}

const refusesPlainHttp = ({ Effect, Condition }: Statement) =>
  Effect === "Deny" && JSON.stringify(Condition).includes('"aws:SecureTransport":"false"');
