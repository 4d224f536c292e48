import { Aws } from "aws-cdk-lib";
import type { IApplicationTargetGroup } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { ApplicationTargetGroup, TargetType } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { CfnPermission, type IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

interface LambdaTargetGroupProps {
  /** Name of the target group, at most 32 characters. */
  readonly name: string;
  readonly handler: IFunction;
}

/** A function as the target of a load balancer. Only this target group may call it: not another account's, not another grid's. */
export class LambdaTargetGroup extends Construct {
  readonly targetGroup: IApplicationTargetGroup;

  constructor(scope: Construct, id: string, { name, handler }: LambdaTargetGroupProps) {
    super(scope, id);
    // By name, not by reference: the target group registers the function when it is made, so the permission must be there before it.
    const permission = new CfnPermission(this, "MayInvoke", {
      action: "lambda:InvokeFunction",
      functionName: handler.functionArn,
      principal: "elasticloadbalancing.amazonaws.com",
      sourceAccount: Aws.ACCOUNT_ID,
      sourceArn: `arn:${Aws.PARTITION}:elasticloadbalancing:${Aws.REGION}:${Aws.ACCOUNT_ID}:targetgroup/${name}/*`,
    });
    const targetGroup = new ApplicationTargetGroup(this, "Group", {
      targetGroupName: name,
      targetType: TargetType.LAMBDA,
      targets: [
        {
          attachToApplicationTargetGroup: () => ({
            targetType: TargetType.LAMBDA,
            targetJson: { id: handler.functionArn },
          }),
        },
      ],
    });
    targetGroup.node.addDependency(permission);
    this.targetGroup = targetGroup;
  }
}
