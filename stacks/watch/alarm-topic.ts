import { Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription, UrlSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import type { WatchConfig } from "#grid/config/watch.ts";

interface AlarmTopicProps {
  readonly grid: string;
  readonly key: IKey;
  readonly watch: WatchConfig;
}

/** Where alarms and the budget speak up, encrypted, over TLS only. */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, { grid, key, watch }: AlarmTopicProps) {
    super(scope, id, {
      topicName: `${grid}-alarms`,
      displayName: `Burstgrid "${grid}"`,
      masterKey: key,
      enforceSSL: true,
    });
    for (const email of watch.emails) this.addSubscription(new EmailSubscription(email));
    for (const url of watch.webhooks) this.addSubscription(new UrlSubscription(url));
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: "Publish",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com"), new ServicePrincipal("budgets.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
  }
}
