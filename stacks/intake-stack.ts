import { CfnOutput, Stack } from "aws-cdk-lib";
import { Certificate, CertificateValidation } from "aws-cdk-lib/aws-certificatemanager";
import type { IVpc } from "aws-cdk-lib/aws-ec2";
import type { ApplicationLoadBalancer } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { ARecord, HostedZone, RecordTarget } from "aws-cdk-lib/aws-route53";
import { LoadBalancerTarget } from "aws-cdk-lib/aws-route53-targets";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { IntakeConfig } from "#grid/config/intake.ts";
import type { Grid } from "#grid/config.ts";
import { Firewall } from "./intake/firewall.ts";
import { FrontDoor } from "./intake/front-door.ts";
import { LambdaTargetGroup } from "./intake/lambda-target.ts";

interface IntakeStackProps {
  readonly grid: Grid;
  /** The grid's section `intake`: without one there is no such stack. */
  readonly intake: IntakeConfig;
  readonly vpc: IVpc;
  /** Encrypts the firewall's log. */
  readonly logsKey: IKey;
  /** Bucket that the intake's own bucket of logs logs its accesses to. */
  readonly accessLogs: IBucket;
  /** The Lambda that answers, of the Grid stack. */
  readonly handler: IFunction;
}

/** HTTPS in front of the grid: name → load balancer (TLS ends here), behind a web firewall → the intake Lambda. */
export class IntakeStack extends Stack {
  readonly loadBalancer: ApplicationLoadBalancer;

  constructor(scope: Construct, id: string, { grid, intake, vpc, logsKey, accessLogs, handler }: IntakeStackProps) {
    super(scope, id, {
      stackName: `${grid.name}-intake`,
      description: `Burstgrid "${grid.name}": HTTPS at ${intake.domainName} in front of the grid`,
    });
    const name = `${grid.name}-intake`;

    const zone = HostedZone.fromHostedZoneAttributes(this, "Zone", {
      hostedZoneId: intake.hostedZoneId,
      zoneName: intake.hostedZoneName,
    });
    const certificate = new Certificate(this, "Certificate", {
      domainName: intake.domainName,
      validation: CertificateValidation.fromDns(zone),
    });
    const { targetGroup } = new LambdaTargetGroup(this, "Target", { name, handler });
    const { loadBalancer } = new FrontDoor(this, "FrontDoor", {
      intake,
      vpc,
      certificate,
      target: targetGroup,
      accessLogs,
      accessLogDays: grid.storage.accessLogDays,
    });
    this.loadBalancer = loadBalancer;
    new Firewall(this, "Firewall", {
      name,
      rateLimit: intake.rateLimit,
      logDays: grid.watch.logDays,
      logsKey,
    }).protect(loadBalancer.loadBalancerArn);
    new ARecord(this, "Name", {
      zone,
      recordName: `${intake.domainName}.`,
      comment: "The grid's intake",
      target: RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer)),
    });

    new CfnOutput(this, "Url", { value: `https://${intake.domainName}` });
  }
}
