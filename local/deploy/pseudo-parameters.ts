import { ACCOUNT, REGION } from "../names.ts";
import { NO_VALUE } from "./intrinsics.ts";

/** The value of `AWS::Region` and its like in a stack; undefined for a name that is none of them. */
export function pseudoParameter(name: string, stack: string): unknown {
  switch (name) {
    case "AWS::Region":
      return REGION;
    case "AWS::AccountId":
      return ACCOUNT;
    case "AWS::Partition":
      return "aws";
    case "AWS::URLSuffix":
      return "amazonaws.com";
    case "AWS::StackName":
      return stack;
    case "AWS::StackId":
      return `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stack}/local`;
    case "AWS::NoValue":
      return NO_VALUE;
    case "AWS::NotificationARNs":
      return [];
    default:
      return undefined;
  }
}
