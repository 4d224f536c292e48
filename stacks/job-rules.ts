import { Duration } from "aws-cdk-lib";
import { type EventPattern, Rule, type RuleProps } from "aws-cdk-lib/aws-events";
import { LambdaFunction, SfnStateMachine } from "aws-cdk-lib/aws-events-targets";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Grid } from "#grid/config.ts";
import { EncryptedQueue } from "./encrypted-queue.ts";
import type { GridBus } from "./grid-bus.ts";
import type { JobMachine } from "./job-machine.ts";

interface JobRulesProps {
  readonly grid: Grid;
  readonly bus: GridBus;
  readonly machine: JobMachine;
  readonly conclude: IFunction;
  readonly key: IKey;
}

/** Which events start a job, and which end one. What a target does not take within a day lies in the dead-letter queue. */
export class JobRules extends Construct {
  private readonly dead: EncryptedQueue;

  constructor(scope: Construct, id: string, { grid, bus, machine, conclude, key }: JobRulesProps) {
    super(scope, id);
    this.dead = new EncryptedQueue(this, "Dead", { queueName: `${grid.name}-rules-dead`, key });
    const starts = (rule: string, props: RuleProps) =>
      new Rule(this, rule, { ...props, eventBus: bus.bus }).addTarget(
        new SfnStateMachine(machine.machine, this.delivery()),
      );

    starts("Requested", {
      ruleName: `${grid.name}-requested`,
      description: "A job request, from any source",
      eventPattern: { detailType: ["Grid Job Requested"] },
    });
    for (const [name, { on }] of Object.entries(grid.applications)) {
      if (on === undefined) continue;
      starts(`On-${name}`, {
        ruleName: `${grid.name}-on-${name}`,
        description: `What the application ${name} listens to`,
        // A pattern is rendered key by key; a user's has EventBridge's own spelling already.
        eventPattern: on as EventPattern,
      });
    }

    // Step Functions tells the account's default bus.
    new Rule(this, "StatusChanges", {
      ruleName: `${grid.name}-status-changes`,
      description: "An execution that failed, timed out, was stopped or redriven, so that its job says so",
      eventPattern: {
        source: ["aws.states"],
        detailType: ["Step Functions Execution Status Change"],
        detail: {
          stateMachineArn: [machine.arn],
          $or: [
            { status: ["FAILED", "TIMED_OUT", "ABORTED"] },
            { status: ["RUNNING"], redriveCount: [{ numeric: [">", 0] }] },
          ],
        },
      },
    }).addTarget(new LambdaFunction(conclude, this.delivery()));
  }

  private delivery() {
    return { deadLetterQueue: this.dead, retryAttempts: 185, maxEventAge: Duration.hours(24) };
  }
}
