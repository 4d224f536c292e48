import type { Duration } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  type FunctionProps,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { ENV } from "#grid/names.ts";
import type { GridKeys } from "./foundation/keys.ts";
import { grantDecrypt } from "./key-grants.ts";

export interface GridFunctionProps {
  readonly grid: string;
  /** Of the handler: `accept`, `dispatch` … */
  readonly name: string;
  /** Folder with `index.mjs` and `grid.json`. */
  readonly code: string;
  /** Names of the ledger, the bucket and the bus. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  readonly keys: Pick<GridKeys, "data" | "logs">;
  /** Days that its log is kept. */
  readonly logDays: RetentionDays;
  /** Default 512. */
  readonly memoryMegabytes?: number;
  /** Where it runs, if in the VPC. */
  readonly network?: Required<Pick<FunctionProps, "vpc" | "vpcSubnets" | "securityGroups">>;
}

/** What Lambda does as the function's role to put it in a VPC; EC2 knows no resources for these (Lambda developer guide). */
const ATTACH_TO_NETWORK = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/** One handler as a Lambda. Its role may write its own log and, besides, only what others grant. */
export class GridFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: GridFunctionProps) {
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: props.logDays,
      encryptionKey: props.keys.logs,
    });
    logGroup.grantWrite(role);
    grantDecrypt(props.keys.data, role);
    if (props.network !== undefined) {
      role.addToPolicy(new PolicyStatement({ actions: ATTACH_TO_NETWORK, resources: ["*"] }));
    }
    super(scope, id, {
      functionName: `${props.grid}-${props.name}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(props.code),
      handler: "index.handler",
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      timeout: props.timeout,
      memorySize: props.memoryMegabytes ?? 512,
      ...props.network,
      environmentEncryption: props.keys.data,
      environment: {
        ...props.environment,
        [ENV.grid]: props.grid,
        POWERTOOLS_SERVICE_NAME: props.name,
      },
    });
  }
}
