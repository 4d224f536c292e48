import { Match, type Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMPLETION_LANES, completionQueueName, PRIORITIES, taskQueueName } from "#grid/names.ts";
import { type Synthesized, type WatchSynthesizer, watchSynthesizer } from "./synthesize-watch.ts";

interface Alarm {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly unknown[];
  readonly OKActions: readonly unknown[];
  readonly MetricName: string;
  readonly Namespace: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
}

interface Queue {
  readonly QueueName: string;
  readonly RedrivePolicy?: { readonly deadLetterTargetArn: GetAtt };
}
interface GetAtt {
  readonly "Fn::GetAtt": readonly [string, string];
}

let synthesizer: WatchSynthesizer;
let stacks: Synthesized;
let watch: Template;
beforeAll(async () => {
  synthesizer = await watchSynthesizer();
  stacks = synthesizer.synthesize();
  watch = stacks.watch;
});
afterAll(() => synthesizer[Symbol.asyncDispose]());

const propertiesOf = <P>(template: Template, type: string): P[] =>
  Object.values(template.findResources(type)).map((resource) => resource["Properties"] ?? {});
const alarms = (template = watch) => propertiesOf<Alarm>(template, "AWS::CloudWatch::Alarm");
const alarmsOn = (metric: string, dimension: string, value: string) =>
  alarms().filter(
    ({ MetricName, Dimensions }) =>
      MetricName === metric && Dimensions?.some(({ Name, Value }) => Name === dimension && Value === value),
  );

/** Names of the queues that a queue's redrive policy or a rule's target names as its dead-letter queue. */
const deadLetterQueues = ({ all }: Synthesized): Set<string> =>
  new Set(
    all.flatMap((template) => {
      const queues = template.findResources("AWS::SQS::Queue");
      const text = JSON.stringify(template.toJSON());
      return [...text.matchAll(DEAD_LETTER_TARGET)].map(([, id]) => (queues[id!]!["Properties"] as Queue).QueueName);
    }),
  );
const DEAD_LETTER_TARGET = /"(?:deadLetterTargetArn|DeadLetterConfig)":(?:\{"Arn":)?\{"Fn::GetAtt":\["(\w+)"/g;

describe("alarms", () => {
  it("there is one for each dead-letter queue, from its first message on", () => {
    const queues = deadLetterQueues(stacks);
    expect(queues).toContain("demo-general-dead");
    expect(queues).toContain("demo-rules-dead");
    for (const queue of queues) {
      const [alarm] = alarmsOn("ApproximateNumberOfMessagesVisible", "QueueName", queue);
      expect(alarm, queue).toMatchObject({ Threshold: 0, ComparisonOperator: "GreaterThanThreshold" });
    }
  });

  it("each task queue has one on its oldest message and one on what is in flight, below SQS's limit of 120,000", () => {
    for (const pool of ["general", "python"]) {
      for (const priority of PRIORITIES) {
        const queue = taskQueueName("demo", pool, priority);
        expect(alarmsOn("ApproximateAgeOfOldestMessage", "QueueName", queue)).toMatchObject([{ Threshold: 3600 }]);
        expect(alarmsOn("ApproximateNumberOfMessagesNotVisible", "QueueName", queue)).toMatchObject([
          { Threshold: 100_000 },
        ]);
      }
    }
  });

  it("each completion queue has one on its oldest message", () => {
    for (const lane of COMPLETION_LANES) {
      expect(alarmsOn("ApproximateAgeOfOldestMessage", "QueueName", completionQueueName("demo", lane))).toHaveLength(1);
    }
  });

  it("each Lambda of the grid has one on errors and one on throttles", () => {
    const names = stacks.all.flatMap((template) =>
      propertiesOf<{ readonly FunctionName?: string }>(template, "AWS::Lambda::Function").flatMap(
        ({ FunctionName }) => FunctionName ?? [],
      ),
    );
    expect(names).toContain("demo-collect");
    for (const name of names) {
      for (const metric of ["Errors", "Throttles"]) expect(alarmsOn(metric, "FunctionName", name)).toHaveLength(1);
    }
  });

  it("executions that fail, time out or are throttled each have one, on the grid's own state machine", () => {
    for (const metric of ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionThrottled"]) {
      const [alarm] = alarms().filter(({ MetricName }) => MetricName === metric);
      expect(alarm).toMatchObject({ Namespace: "AWS/States", Threshold: 0 });
      expect(JSON.stringify(alarm!.Dimensions)).toContain(":stateMachine:demo-job");
    }
  });

  it("open Map Runs have one below 1,000, on the account's metric, which has no dimension", () => {
    const [alarm] = alarms().filter(({ MetricName }) => MetricName === "ApproximateOpenMapRunCount");
    expect(alarm).toMatchObject({ Namespace: "AWS/States", Threshold: 900 });
    expect(alarm!.Dimensions).toBeUndefined();
  });

  it("completions that Collect answers as failed have one, for Lambda does not count them as errors", () => {
    const [alarm] = alarms().filter(({ MetricName }) => MetricName === "CompletionsFailed");
    expect(alarm).toMatchObject({
      Namespace: "Burstgrid",
      Dimensions: [{ Name: "grid", Value: "demo" }],
      Threshold: 0,
    });
  });

  it("the file system has one when 15 % of its bytes are left", () => {
    const [alarm] = alarms().filter(({ MetricName }) => MetricName === "FreeDataStorageCapacity");
    expect(alarm).toMatchObject({
      Namespace: "AWS/FSx",
      Threshold: 0.15 * 1200 * 2 ** 30,
      ComparisonOperator: "LessThanThreshold",
    });
  });

  it("the grid's own Vault has one on servers that are sealed or silent, a Vault that exists has none", () => {
    const sealed = (vault: object) =>
      alarms(synthesizer.synthesize({ vault }).watch).filter(({ AlarmName }) => AlarmName === "demo-vault-sealed");
    expect(sealed({})).toMatchObject([{ Threshold: 0, TreatMissingData: "breaching", MetricName: "VaultSealed-demo" }]);
    expect(sealed({ address: "https://vault.example.com:8200" })).toEqual([]);
  });

  it("each tells the topic when it goes off and when all is well again", () => {
    const [topic] = Object.keys(watch.findResources("AWS::SNS::Topic"));
    for (const alarm of alarms()) {
      expect(alarm.AlarmActions).toEqual([{ Ref: topic }]);
      expect(alarm.OKActions).toEqual([{ Ref: topic }]);
    }
  });

  it("go off where the config says", () => {
    const changed = synthesizer.synthesize({
      watch: { alarms: { oldestTask: "10 minutes", openMapRuns: 500, packsInFlight: 5000 } },
    });
    const thresholds = (metric: string) =>
      new Set(
        alarms(changed.watch)
          .filter(({ MetricName, AlarmName }) => MetricName === metric && !AlarmName.includes("completions"))
          .map(({ Threshold }) => Threshold),
      );
    expect(thresholds("ApproximateAgeOfOldestMessage")).toEqual(new Set([600]));
    expect(thresholds("ApproximateOpenMapRunCount")).toEqual(new Set([500]));
    expect(thresholds("ApproximateNumberOfMessagesNotVisible")).toEqual(new Set([5000]));
  });
});

describe("the alarm topic", () => {
  it("is encrypted with the grid's key, and is published to over TLS only, by this account's alarms and budget", () => {
    watch.hasResourceProperties("AWS::SNS::Topic", { KmsMasterKeyId: Match.anyValue() });
    watch.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
          Match.objectLike({
            Effect: "Allow",
            Principal: { Service: ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"] },
            Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
          }),
        ]),
      },
    });
  });

  it("tells the e-mails and webhooks of the config, and nobody without them", () => {
    watch.resourceCountIs("AWS::SNS::Subscription", 0);
    const { watch: told } = synthesizer.synthesize({
      watch: { emails: ["grid@example.com"], webhooks: ["https://incidents.example.com/aws"] },
    });
    for (const [Protocol, Endpoint] of [
      ["email", "grid@example.com"],
      ["https", "https://incidents.example.com/aws"],
    ]) {
      told.hasResourceProperties("AWS::SNS::Subscription", { Protocol, Endpoint });
    }
  });
});

describe("the trail", () => {
  it("validates its log files, encrypts them, and has a bucket of its own that outlives the stack", () => {
    const [bucket] = Object.keys(watch.findResources("AWS::S3::Bucket"));
    watch.hasResourceProperties("AWS::CloudTrail::Trail", {
      EnableLogFileValidation: true,
      IsLogging: true,
      IsMultiRegionTrail: true,
      KMSKeyId: Match.anyValue(),
      S3BucketName: { Ref: bucket },
    });
    watch.hasResource("AWS::S3::Bucket", {
      DeletionPolicy: "Retain",
      Properties: {
        BucketEncryption: Match.objectLike({}),
        VersioningConfiguration: { Status: "Enabled" },
        LoggingConfiguration: Match.objectLike({}),
        PublicAccessBlockConfiguration: Match.objectLike({ BlockPublicPolicy: true }),
        LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 365 })] },
      },
    });
  });

  it("holds each read and write of an object of the grid's jobs", () => {
    const [trail] = propertiesOf<{ readonly EventSelectors: object }>(watch, "AWS::CloudTrail::Trail");
    expect(trail!.EventSelectors).toMatchObject([
      { DataResources: [{ Type: "AWS::S3::Object" }], IncludeManagementEvents: true },
    ]);
    expect(JSON.stringify(trail!.EventSelectors)).toContain('"/jobs/"');
  });

  it("holds no objects, or no management events, where the config says so", () => {
    const selectors = (trail: object) =>
      propertiesOf<{ readonly EventSelectors: object }>(
        synthesizer.synthesize({ watch: { trail } }).watch,
        "AWS::CloudTrail::Trail",
      )[0]!.EventSelectors;
    expect(selectors({ objects: false })).toEqual([{ IncludeManagementEvents: true, ReadWriteType: "All" }]);
    expect(selectors({ management: false })).toMatchObject([
      { DataResources: [{ Type: "AWS::S3::Object" }], IncludeManagementEvents: false },
    ]);
    expect(() => selectors({ management: false, objects: false })).toThrow("a trail of nothing is none");
  });
});

describe("the budget", () => {
  it("counts what bears the grid's tag, and tells the topic and the e-mails at each percent and when more is foreseen", () => {
    const { watch: told } = synthesizer.synthesize({
      watch: { emails: ["grid@example.com"], budget: { monthlyDollars: 250, notifyAtPercent: [80, 100] } },
    });
    const [budget] = propertiesOf<{
      readonly Budget: object;
      readonly NotificationsWithSubscribers: readonly { readonly Notification: object; readonly Subscribers: object }[];
    }>(told, "AWS::Budgets::Budget");
    expect(budget!.Budget).toMatchObject({
      BudgetLimit: { Amount: 250, Unit: "USD" },
      CostFilters: { TagKeyValue: ["user:burstgrid:grid$demo"] },
      TimeUnit: "MONTHLY",
    });
    expect(budget!.NotificationsWithSubscribers.map(({ Notification }) => Notification)).toMatchObject([
      { NotificationType: "ACTUAL", Threshold: 80 },
      { NotificationType: "ACTUAL", Threshold: 100 },
      { NotificationType: "FORECASTED", Threshold: 100 },
    ]);
    for (const { Subscribers } of budget!.NotificationsWithSubscribers) {
      expect(Subscribers).toMatchObject([
        { SubscriptionType: "SNS" },
        { SubscriptionType: "EMAIL", Address: "grid@example.com" },
      ]);
    }
  });
});

describe("guards", () => {
  const GUARDS = ["AWS::GuardDuty::Detector", "AWS::Config::ConfigRule"];

  it("are off unless they are switched on, as an account has one of each", () => {
    for (const type of GUARDS) watch.resourceCountIs(type, 0);
  });

  it("are switched on one by one", () => {
    const { watch: guarded } = synthesizer.synthesize({ watch: { guard: { guardDuty: true } } });
    guarded.resourceCountIs("AWS::GuardDuty::Detector", 1);
    guarded.resourceCountIs("AWS::Config::ConfigRule", 0);
    const { watch: ruled } = synthesizer.synthesize({ watch: { guard: { configRules: true } } });
    ruled.resourceCountIs("AWS::GuardDuty::Detector", 0);
    for (const { Scope } of propertiesOf<{ readonly Scope: object }>(ruled, "AWS::Config::ConfigRule")) {
      expect(Scope).toEqual({ TagKey: "burstgrid:grid", TagValue: "demo" });
    }
  });
});

describe("the dashboard", () => {
  it("shows the grid, each pool, each application and one job", () => {
    const body = JSON.stringify(propertiesOf(watch, "AWS::CloudWatch::Dashboard"));
    for (const text of ["## Grid demo", "## Pool general", "## Pool python", "## Jobs by application", "## One job"]) {
      expect(body).toContain(text);
    }
    expect(body).toContain("TasksSucceeded");
    expect(body).toContain("QueueWait");
    expect(body).toContain("JOB_ID");
    expect(body).toContain("/demo/pods");
  });

  it("and all that watches stay as they are when an application is added", () => {
    const task = { handler: "./task.ts" };
    const added = synthesizer.synthesize({ applications: { sums: { split: "./split.ts", task }, another: { task } } });
    expect(added.watch.toJSON()).toEqual(watch.toJSON());
  });
});
