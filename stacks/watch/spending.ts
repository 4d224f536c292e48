import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { WatchConfig } from "#grid/config/watch.ts";

interface SpendingProps {
  readonly grid: string;
  readonly watch: WatchConfig;
  readonly topic: ITopic;
}

/** What the grid may cost in a month. A budget tells, some hours late; it stops nothing. */
export class Spending extends Construct {
  constructor(scope: Construct, id: string, { grid, watch, topic }: SpendingProps) {
    super(scope, id);
    const subscribers = [
      { subscriptionType: "SNS", address: topic.topicArn },
      ...watch.emails.map((address) => ({ subscriptionType: "EMAIL", address })),
    ];
    const notification = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
      notification: { notificationType, comparisonOperator: "GREATER_THAN", threshold, thresholdType: "PERCENTAGE" },
      subscribers,
    });
    new CfnBudget(this, "Budget", {
      budget: {
        budgetName: `${grid}-monthly`,
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: watch.budget.monthlyDollars, unit: "USD" },
        // Counts what bears the tag once it is activated as a cost allocation tag in the Billing console.
        costFilters: { TagKeyValue: [`user:burstgrid:grid$${grid}`] },
      },
      notificationsWithSubscribers: [
        ...watch.budget.notifyAtPercent.map((percent) => notification("ACTUAL", percent)),
        notification("FORECASTED", 100),
      ],
    });
  }
}
