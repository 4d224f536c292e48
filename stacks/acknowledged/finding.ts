import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** A finding of cdk-nag's AwsSolutions that stays, and why. */
export interface Finding {
  /** Of the construct, from the app: `Grid/Job/Machine/Resource`. */
  readonly path: string;
  /** As cdk-nag has it, with what exactly was found: `IAM5[Resource::*]`. */
  readonly rule: string;
  readonly reason: string;
}

/** Findings of one construct with the same reason. */
export const sameReason = (path: string, reason: string, ...rules: readonly string[]): Finding[] =>
  rules.map((rule) => ({ path, rule, reason }));

/** IAM5 for a resource with a wildcard in its ARN. */
export const resource = (arn: string) => `IAM5[Resource::${arn}]`;

/** IAM4 for a policy that AWS manages. */
export const managedPolicy = (name: string) => `IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`;

/** Acknowledges findings, each at its very construct. Throws an Error for a path that there is not. */
export function acknowledge(app: IConstruct, findings: readonly Finding[]): void {
  for (const { path, rule, reason } of findings) {
    Validations.of(constructAt(app, path)).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
  }
}

function constructAt(app: IConstruct, path: string): IConstruct {
  return path.split("/").reduce((parent: IConstruct, id) => {
    const child = parent.node.tryFindChild(id);
    if (child === undefined) throw new Error(`a finding is acknowledged at ${path}, but there is no ${id}`);
    return child;
  }, app);
}
