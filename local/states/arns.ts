import { ACCOUNT, REGION } from "../names.ts";

const PREFIX = `arn:aws:states:${REGION}:${ACCOUNT}`;

/** A state machine's ARN; with `label`, that of the child machine a Distributed Map runs. */
export const stateMachineArn = (machine: string, label?: string): string =>
  `${PREFIX}:stateMachine:${machine}${label === undefined ? "" : `/${label}`}`;

/** An execution's ARN; with `label`, that of a child execution of a Distributed Map. */
export const executionArn = (machine: string, name: string, label?: string): string =>
  `${PREFIX}:execution:${machine}${label === undefined ? "" : `/${label}`}:${name}`;

/** A Map Run's ARN. */
export const mapRunArn = (machine: string, label: string, id: string): string =>
  `${PREFIX}:mapRun:${machine}/${label}:${id}`;

/** What stands after the last colon: the name of an execution, the id of a Map Run. */
export const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf(":") + 1);

/** Whether `arn` has the form of an ARN of Step Functions of the given kind, whatever its region and account. */
export const isArnOf = (kind: "stateMachine" | "execution" | "mapRun", arn: string): boolean =>
  new RegExp(`^arn:aws[a-z-]*:states:[a-z0-9-]+:\\d{12}:${kind}:.+`).test(arn);
