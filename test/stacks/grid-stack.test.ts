import { Match, type Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SynthesizedFixture, synthesizeFixture } from "./synthesize-fixture.ts";

let fixture: SynthesizedFixture;
let template: Template;
beforeAll(async () => {
  fixture = await synthesizeFixture();
  template = fixture.grid;
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

interface Queue {
  readonly QueueName: string;
  readonly RedrivePolicy?: { readonly deadLetterTargetArn: { readonly "Fn::GetAtt": readonly [string, string] } };
  readonly VisibilityTimeout?: number;
}

interface Mapping {
  readonly BatchSize: number;
  readonly MaximumBatchingWindowInSeconds?: number;
  readonly FunctionResponseTypes: readonly string[];
  readonly ScalingConfig: { readonly MaximumConcurrency: number };
}

interface Rule {
  readonly Name: string;
  readonly EventBusName?: unknown;
  readonly EventPattern: { readonly detail: { readonly $or: readonly unknown[]; readonly stateMachineArn: unknown } };
  readonly Targets: readonly {
    readonly Arn: { readonly "Fn::GetAtt": readonly [string, string] };
    readonly DeadLetterConfig: { readonly Arn: { readonly "Fn::GetAtt": readonly [string, string] } };
    readonly RetryPolicy: object;
  }[];
}

interface Lambda {
  readonly FunctionName: string;
  readonly Timeout: number;
  readonly LoggingConfig: { readonly LogGroup: { readonly Ref: string } };
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: object;
}

interface Bucket {
  readonly LifecycleConfiguration: {
    readonly Rules: readonly { readonly Prefix?: string; readonly ExpirationInDays?: number }[];
  };
}

interface Policy {
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

const propertiesOf = <Properties>(type: string): [logicalId: string, Properties][] =>
  Object.entries(template.findResources(type)).map(([logicalId, resource]) => [
    logicalId,
    resource["Properties"] ?? {},
  ]);

describe("queues", () => {
  it("each has a dead-letter queue or is one", () => {
    const queues = propertiesOf<Queue>("AWS::SQS::Queue");
    const isDead = (name: string) => name.endsWith("-dead");
    expect(queues.map(([, { QueueName }]) => QueueName).toSorted()).toEqual([
      "demo-bus-dead",
      "demo-completions-bulk",
      "demo-completions-dead",
      "demo-completions-fast",
      "demo-general-dead",
      "demo-general-high",
      "demo-general-low",
      "demo-general-normal",
      "demo-python-dead",
      "demo-python-high",
      "demo-python-low",
      "demo-python-normal",
      "demo-rules-dead",
    ]);
    for (const [, queue] of queues) {
      if (isDead(queue.QueueName)) expect(queue.RedrivePolicy).toBeUndefined();
      else {
        const [target] = queue.RedrivePolicy!.deadLetterTargetArn["Fn::GetAtt"];
        expect(isDead(Object.fromEntries(queues)[target]!.QueueName)).toBe(true);
      }
    }
  });

  it("each is encrypted with the grid's key, which is asked for once an hour, keeps messages for 14 days and takes requests over TLS only", () => {
    const overTls = propertiesOf<Policy & { readonly Queues: readonly { readonly Ref: string }[] }>(
      "AWS::SQS::QueuePolicy",
    ).flatMap(([, { Queues, PolicyDocument }]) =>
      PolicyDocument.Statement.some(isTlsOnly) ? Queues.map(({ Ref }) => Ref) : [],
    );
    for (const [logicalId, queue] of propertiesOf<Queue>("AWS::SQS::Queue")) {
      expect(queue).toMatchObject({
        KmsMasterKeyId: { "Fn::GetStackOutput": { OutputName: expect.stringContaining("KeysData") } },
        KmsDataKeyReusePeriodSeconds: 3600,
        MessageRetentionPeriod: 1_209_600,
      });
      expect(overTls).toContain(logicalId);
    }
  });

  it("completions stay hidden for at least six times as long as Collect may take, window included", () => {
    const [, collect] = propertiesOf<Lambda>("AWS::Lambda::Function").find(
      ([, { FunctionName }]) => FunctionName === "demo-collect",
    )!;
    for (const [, queue] of propertiesOf<Queue>("AWS::SQS::Queue")) {
      if (!/-(bulk|fast)$/.test(queue.QueueName)) continue;
      expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * collect.Timeout + 1);
    }
  });

  it("completions are read in large batches on the bulk lane and without a window on the fast one", () => {
    const mappings = propertiesOf<Mapping>("AWS::Lambda::EventSourceMapping").map(([, mapping]) => mapping);
    expect(mappings.map(({ BatchSize }) => BatchSize)).toEqual([1000, 10]);
    expect(mappings.map(({ MaximumBatchingWindowInSeconds }) => MaximumBatchingWindowInSeconds)).toEqual([
      1,
      undefined,
    ]);
    for (const mapping of mappings) {
      expect(mapping.FunctionResponseTypes).toEqual(["ReportBatchItemFailures"]);
      expect(mapping.ScalingConfig.MaximumConcurrency).toBeGreaterThan(1);
    }
  });
});

describe("storage", () => {
  it("the bucket is encrypted with a data key for itself, private, reached over TLS only, and forgets unfinished uploads", () => {
    template.hasResourceProperties("AWS::S3::Bucket", {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: DATA_KEY },
          },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } })]),
      },
    });
    const [policy] = propertiesOf<Policy>("AWS::S3::BucketPolicy");
    expect(policy![1].PolicyDocument.Statement.some(isTlsOnly)).toBe(true);
  });

  it("a job's objects, and what it left on the shared file system, go after the days that the config says", () => {
    const [[, bucket]] = propertiesOf<Bucket>("AWS::S3::Bucket") as [[string, Bucket]];
    const expiring = bucket.LifecycleConfiguration.Rules.filter(({ ExpirationInDays }) => ExpirationInDays === 90);
    expect(expiring.map(({ Prefix }) => Prefix)).toEqual(["jobs/", "shared/jobs/"]);
  });

  it("an object that was overwritten or deleted can be brought back for a week", () => {
    template.hasResourceProperties("AWS::S3::Bucket", {
      VersioningConfiguration: { Status: "Enabled" },
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 7 } })]),
      },
    });
  });

  it("bucket and ledger outlive the stack", () => {
    for (const type of ["AWS::S3::Bucket", "AWS::DynamoDB::GlobalTable"]) {
      template.hasResource(type, { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    }
  });

  it("the ledger is paid by request, can be restored to a point in time, and lists jobs by the time of submission", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      GlobalSecondaryIndexes: [
        {
          IndexName: "jobs",
          KeySchema: [
            { AttributeName: "listed", KeyType: "HASH" },
            { AttributeName: "submittedAt", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "ALL" },
        },
      ],
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
      Replicas: [Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } })],
    });
  });
});

describe("rules", () => {
  it("each target has a dead-letter queue and tries for a day", () => {
    const rules = propertiesOf<Rule>("AWS::Events::Rule");
    expect(rules).toHaveLength(3);
    for (const [, { Targets }] of rules) {
      for (const target of Targets) {
        expect(target.DeadLetterConfig.Arn["Fn::GetAtt"][0]).toMatch(/^RulesDead/);
        expect(target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 });
      }
    }
  });

  it("any job request on the bus starts the state machine", () => {
    template.hasResourceProperties("AWS::Events::Rule", {
      Name: "demo-requested",
      EventBusName: { Ref: Match.stringLikeRegexp("^Bus") },
      EventPattern: { "detail-type": ["Grid Job Requested"] },
      Targets: [Match.objectLike({ Arn: { Ref: Match.stringLikeRegexp("^JobMachine") } })],
    });
  });

  it("an application's own pattern stands in its rule as it was written", () => {
    template.hasResourceProperties("AWS::Events::Rule", {
      Name: "demo-on-sums",
      EventPattern: {
        source: ["desk.sums"],
        "detail-type": ["Sums Requested"],
        detail: { size: [{ numeric: [">", 3] }] },
      },
    });
  });

  it("an execution of the grid's own machine that did not succeed, or was redriven, is told to Conclude, from the account's default bus", () => {
    const [, rule] = propertiesOf<Rule>("AWS::Events::Rule").find(([, { Name }]) => Name === "demo-status-changes")!;
    expect(rule.EventBusName).toBeUndefined();
    expect(rule.EventPattern.detail.$or).toEqual([
      { status: ["FAILED", "TIMED_OUT", "ABORTED"] },
      { status: ["RUNNING"], redriveCount: [{ numeric: [">", 0] }] },
    ]);
    expect(JSON.stringify(rule.EventPattern.detail.stateMachineArn)).toContain(":stateMachine:demo-job");
    expect(rule.Targets[0]!.Arn["Fn::GetAtt"][0]).toMatch(/^FunctionsConclude/);
  });
});

describe("functions", () => {
  it("run Node 24 on arm64 with a log that does not grow for ever", () => {
    const functions = propertiesOf<Lambda>("AWS::Lambda::Function");
    expect(functions.map(([, { FunctionName }]) => FunctionName).toSorted()).toEqual(
      ["accept", "collect", "conclude", "dispatch", "intake", "settle"].map((name) => `demo-${name}`),
    );
    for (const [, properties] of functions) {
      expect(properties).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"], Handler: "index.handler" });
      expect(properties.LoggingConfig.LogGroup.Ref).toMatch(/Log/);
    }
    for (const [, { RetentionInDays }] of propertiesOf<{ readonly RetentionInDays: number }>("AWS::Logs::LogGroup"))
      expect(RetentionInDays).toBeGreaterThan(0);
  });

  it("let nobody in by HTTP without an issuer of tokens, and take none but an https URL for it", () => {
    expect(template.findParameters("IntakeIssuer")["IntakeIssuer"]).toMatchObject({
      Default: "",
      AllowedPattern: "^(https://.+)?$",
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "demo-intake",
      Environment: { Variables: { BURSTGRID_INTAKE_ISSUER: { Ref: "IntakeIssuer" } } },
    });
  });

  it("know the grid, its ledger, bucket and bus by the names that handlers read", () => {
    template.allResourcesProperties("AWS::Lambda::Function", {
      Environment: {
        Variables: {
          BURSTGRID_GRID: "demo",
          BURSTGRID_BUS: "demo",
          BURSTGRID_LEDGER: { Ref: Match.stringLikeRegexp("^Ledger") },
          BURSTGRID_BUCKET: { Ref: Match.stringLikeRegexp("^Store") },
          POWERTOOLS_SERVICE_NAME: Match.anyValue(),
        },
      },
    });
  });
});

describe("permissions", () => {
  /** Actions for which AWS has no resource to name: X-Ray segments and the delivery of a state machine's log. */
  const WITHOUT_RESOURCE =
    /^(xray:|logs:(Create|Get|Update|Delete|List)LogDeliver|logs:(Put|Describe)ResourcePolic|logs:DescribeLogGroups)/;

  it("name the resource wherever AWS lets them, and no action by wildcard", () => {
    const statements = propertiesOf<Policy>("AWS::IAM::Policy").flatMap(
      ([, { PolicyDocument }]) => PolicyDocument.Statement,
    );
    expect(statements.length).toBeGreaterThan(20);
    for (const { Action, Resource } of statements) {
      for (const action of [Action].flat()) {
        expect(action).not.toContain("*");
        if ([Resource].flat().includes("*")) expect(action).toMatch(WITHOUT_RESOURCE);
      }
    }
  });

  it("come from no managed policy", () => {
    for (const [, { ManagedPolicyArns }] of propertiesOf<{ readonly ManagedPolicyArns?: unknown }>("AWS::IAM::Role"))
      expect(ManagedPolicyArns).toBeUndefined();
  });

  it("give each function what it needs and no more", () => {
    const log = ["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];
    const ledger = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:UpdateItem"];
    const read = ["s3:GetObject", "s3:ListBucket"];
    const write = ["s3:AbortMultipartUpload", "s3:PutObject"];
    const publish = ["events:PutEvents"];
    const callBack = ["states:SendTaskFailure", "states:SendTaskSuccess"];
    const send = ["sqs:GetQueueUrl", "sqs:SendMessage"];
    const decrypt = ["kms:Decrypt"];
    const key = [...decrypt, "kms:DescribeKey"];
    const encrypt = [...key, "kms:GenerateDataKey"];
    const consume = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
    ];
    expect(actionsOf("FunctionsAcceptRole")).toEqual([log, ledger, read, write, publish, encrypt].flat().toSorted());
    expect(actionsOf("FunctionsDispatchRole")).toEqual([log, ledger, read, send, callBack, encrypt].flat().toSorted());
    expect(actionsOf("FunctionsCollectRole")).toEqual(
      [log, ledger, write, publish, consume, callBack, encrypt].flat().toSorted(),
    );
    expect(actionsOf("FunctionsSettleRole")).toEqual([log, ledger, read, write, encrypt].flat().toSorted());
    expect(actionsOf("FunctionsConcludeRole")).toEqual(
      [log, ledger, publish, key, ["states:DescribeExecution"]].flat().toSorted(),
    );
    const getItems = ["dynamodb:BatchGetItem", "dynamodb:GetItem"];
    expect(actionsOf("IntakeFunctionRole")).toEqual([log, getItems, read, publish, key].flat().toSorted());
  });

  it("let the state machine write to the bucket only what its Map Runs write", () => {
    const [, policy] = propertiesOf<Policy>("AWS::IAM::Policy").find(([logicalId]) => logicalId.startsWith("JobRole"))!;
    const put = policy.PolicyDocument.Statement.find(({ Action }) => Action.includes("s3:PutObject"));
    expect(JSON.stringify(put?.Resource)).toContain("/jobs/*/map-runs/*");
  });

  const actionsOf = (role: string): string[] =>
    propertiesOf<Policy>("AWS::IAM::Policy")
      .filter(([logicalId]) => logicalId.startsWith(role))
      .flatMap(([, { PolicyDocument }]) => PolicyDocument.Statement)
      .flatMap(({ Action }) => Action)
      .filter((action, at, all) => all.indexOf(action) === at)
      .toSorted();
});

/** The data key of the Foundation stack. */
const DATA_KEY = {
  "Fn::GetStackOutput": Match.objectLike({
    StackName: "demo-foundation",
    OutputName: Match.stringLikeRegexp("KeysData"),
  }),
};

const isTlsOnly = ({ Effect, Condition }: Statement) =>
  Effect === "Deny" && JSON.stringify(Condition).includes('"aws:SecureTransport":"false"');

describe("the bus", () => {
  it("keeps every event for a replay, under the grid's key", () => {
    template.hasResourceProperties("AWS::Events::Archive", {
      EventPattern: { version: ["0"] },
      RetentionDays: 30,
      KmsKeyIdentifier: DATA_KEY,
    });
  });

  it("tells the schema of each of its events", () => {
    const names = propertiesOf<{ readonly SchemaName: string }>("AWS::EventSchemas::Schema").map(
      ([, s]) => s.SchemaName,
    );
    expect(names).toEqual(
      ["Requested", "Started", "Progressed", "Succeeded", "Failed", "Cancelled"].map(
        (event) => `burstgrid@GridJob${event}`,
      ),
    );
  });

  it("takes events of its own account alone", () => {
    template.resourceCountIs("AWS::Events::EventBusPolicy", 0);
  });
});
