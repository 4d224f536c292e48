import { CfnParameter, Duration } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { IntakeConfig } from "#grid/config/intake.ts";
import { ENV } from "#grid/names.ts";
import type { GridKeys } from "./foundation/keys.ts";
import type { GridBus } from "./grid-bus.ts";
import { GridFunction } from "./grid-function.ts";
import type { JobStore } from "./job-store.ts";
import type { Ledger } from "./ledger.ts";

interface IntakeFunctionProps {
  readonly grid: string;
  /** Without it nobody is let in, and nothing calls the function. */
  readonly intake: IntakeConfig | undefined;
  /** Folder of the function's code. */
  readonly code: string;
  readonly keys: GridKeys;
  /** Days that its log is kept. */
  readonly logDays: RetentionDays;
  readonly bus: GridBus;
  readonly store: JobStore;
  readonly ledger: Ledger;
}

/** The Lambda behind the intake's load balancer. It publishes events, and reads jobs and results. */
export class IntakeFunction extends Construct {
  readonly function: IFunction;

  constructor(
    scope: Construct,
    id: string,
    { grid, intake, code, keys, logDays, bus, store, ledger }: IntakeFunctionProps,
  ) {
    super(scope, id);
    // A parameter, so that a grid on a laptop runs this very template with `none`, where everybody may do everything. CloudFormation
    // checks the pattern: no stack of an account can be deployed so.
    const issuer = new CfnParameter(this, "Issuer", {
      type: "String",
      description: "OIDC issuer of the access tokens that the intake takes; empty: none",
      default: intake?.issuer ?? "",
      allowedPattern: "^(https://.+)?$",
      constraintDescription: "expected the https URL of an OIDC issuer, or nothing",
    });
    issuer.overrideLogicalId("IntakeIssuer");
    const handler = new GridFunction(this, "Function", {
      grid,
      name: "intake",
      code,
      keys,
      logDays,
      timeout: Duration.seconds(29),
      memoryMegabytes: 1024,
      environment: {
        [ENV.ledger]: ledger.tableName,
        [ENV.bucket]: store.bucketName,
        [ENV.bus]: bus.name,
        [ENV.intakeIssuer]: issuer.valueAsString,
        ...(intake !== undefined && {
          [ENV.intakeAudience]: intake.audience,
          [ENV.intakeApplicationsClaim]: intake.applicationsClaim,
        }),
      },
    });
    ledger.grantRead(handler);
    store.grantRead(handler);
    bus.grantPublish(handler);
    this.function = handler;
  }
}
