import { type Stack, Token } from "aws-cdk-lib";
import { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { CfnQueue } from "aws-cdk-lib/aws-sqs";
import { GridFunction } from "../grid-function.ts";

/** Dead-letter queues of stacks, by name. All the grid's queues are named, and those of dead letters end alike. */
export const deadLetterQueues = (stacks: readonly Stack[]): string[] =>
  constructsOf(stacks, CfnQueue).flatMap(({ queueName }) => (queueName?.endsWith("-dead") ? [queueName] : []));

/** Lambdas of stacks, by name; the CDK's own helpers have none. */
export const functions = (stacks: readonly Stack[]): string[] =>
  constructsOf(stacks, CfnFunction).flatMap(({ functionName }) => (isKnown(functionName) ? [functionName] : []));

/** A name that CloudFormation makes up is a token until then. */
const isKnown = (name: string | undefined): name is string => name !== undefined && !Token.isUnresolved(name);

/** Log groups of the grid's Lambdas. */
export const logGroupNames = (stacks: readonly Stack[]): string[] =>
  constructsOf(stacks, GridFunction).map(({ logGroup }) => logGroup.logGroupName);

const constructsOf = <C>(stacks: readonly Stack[], type: new (...args: never[]) => C): C[] =>
  stacks.flatMap((stack) => stack.node.findAll()).filter((construct) => construct instanceof type) as C[];
