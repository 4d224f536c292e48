import { Schema } from "effect";
import { DurationText, LogDays, Positive, withDefault } from "./fields.ts";

const Email = Schema.String.check(
  Schema.isPattern(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, { message: "expected an e-mail address" }),
);
const HttpsUrl = Schema.String.check(Schema.isPattern(/^https:\/\/\S+$/, { message: "expected an https URL" }));
const Percentage = Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 100 }));

/** When an alarm goes off. An alarm costs $0.10 a month; a grid of one pool has about 30. */
const Alarms = Schema.Struct({
  /** Age of the oldest pack in a task queue. Longer than a job may wait for its workers to start. Default "1 hour". */
  oldestTask: withDefault(DurationText, "1 hour"),
  /** Age of the oldest completion that is not collected. Default "5 minutes". */
  oldestCompletion: withDefault(DurationText, "5 minutes"),
  /** Packs of a task queue that workers hold; at 120,000 SQS gives out no more. Default 100,000. */
  packsInFlight: withDefault(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 120_000 })), 100_000),
  /** Distributed Maps that run in the account and region; Step Functions lets 1,000 be open. Default 900. */
  openMapRuns: withDefault(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })), 900),
  /** Percent of the shared file system that is free. Default 15: below it writes slow down. */
  fileSystemFreePercent: withDefault(Percentage, 15),
});

/** What the grid is expected to cost. The first two budgets of an account are free, others cost $0.62 a month. */
const Budget = Schema.Struct({
  /** Of all resources with the tag `burstgrid:grid`, in US dollars. Default 1,000. */
  monthlyDollars: withDefault(Positive, 1000),
  /** Percents of it at which the topic and the `emails` are told, at most 4. Default 50, 80 and 100. */
  notifyAtPercent: withDefault(
    Schema.Array(Positive).check(Schema.isMinLength(1), Schema.isMaxLength(4)),
    [50, 80, 100],
  ),
});

/** CloudTrail: who called which API, kept where the grid's own roles cannot reach it. */
const Trail = Schema.Struct({
  /** Calls that manage resources, in all regions: free, unless the account has another trail of them ($2 for 100,000). Default true. */
  management: withDefault(Schema.Boolean, true),
  /** Each read and write of an object of a job, at $0.10 for 100,000. Default true. */
  objects: withDefault(Schema.Boolean, true),
  /** Days that log files are kept. Default 365. */
  keepDays: withDefault(Positive, 365),
}).check(
  Schema.makeFilter(
    ({ management, objects }) =>
      management || objects || "expected `management` or `objects`: a trail of nothing is none",
  ),
);

/** Services that look for misuse. An account has one of each in a region: leave off what an organisation has switched on. */
const Guard = Schema.Struct({
  /** GuardDuty with S3, EKS audit-log and runtime protection: from about $4 for a million events. Default false. */
  guardDuty: withDefault(Schema.Boolean, false),
  /** AWS Config rules on the grid's resources, where a configuration recorder runs: $0.001 an evaluation. Default false. */
  configRules: withDefault(Schema.Boolean, false),
});

/** Alarms, dashboard, trail, budget. Costs are us-east-1 list prices. */
export const WatchConfig = Schema.Struct({
  /** Who is told of alarms and of the budget, at most 10. Each has to confirm once. Default none. */
  emails: withDefault(Schema.Array(Email).check(Schema.isMaxLength(10), Schema.isUnique()), []),
  /** https endpoints that alarms are posted to, as SNS does it (for incident tools). Default none. */
  webhooks: withDefault(Schema.Array(HttpsUrl).check(Schema.isUnique()), []),
  /** Where your copy of docs/runbook.md is read; alarms link to it. Default "docs/runbook.md". */
  runbook: withDefault(Schema.NonEmptyString, "docs/runbook.md"),
  /** Days that the logs of Lambdas and executions are kept ($0.50 a GB taken in, $0.03 a GB a month). Default 30. */
  logDays: withDefault(LogDays, 30),
  alarms: withDefault(Alarms, {}),
  budget: withDefault(Budget, {}),
  trail: withDefault(Trail, {}),
  guard: withDefault(Guard, {}),
});
export type WatchConfig = typeof WatchConfig.Type;
