import { Duration } from "aws-cdk-lib";
import { CfnSecurityGroupIngress, type IVpc, Peer, Port, SecurityGroup } from "aws-cdk-lib/aws-ec2";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IRole } from "aws-cdk-lib/aws-iam";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { ENV } from "#grid/names.ts";
import type { Bundles } from "./bundle/bundle-grid.ts";
import type { GridCluster } from "./cluster-stack.ts";
import type { GridKeys } from "./foundation/keys.ts";
import { GridFunction } from "./grid-function.ts";
import type { JobMachine } from "./job-machine.ts";

interface LauncherProps {
  readonly grid: string;
  readonly bundles: Bundles;
  readonly keys: GridKeys;
  /** Days that its log is kept. */
  readonly logDays: RetentionDays;
  readonly vpc: IVpc;
  readonly cluster: GridCluster;
}

/** As often as `eks:runJob.sync` looks at first. */
const WATCH = Duration.minutes(1);
const HTTPS = 443;

/**
 * Runs masters where the cluster's API is private: a Lambda in the VPC that creates their Jobs for the state machine, and looks after them
 * every minute.
 */
export class Launcher extends Construct {
  readonly functionArn: string;
  /** Whom the cluster lets run Jobs. */
  readonly role: IRole;
  private readonly launch: GridFunction;

  constructor(scope: Construct, id: string, { grid, bundles, keys, logDays, vpc, cluster }: LauncherProps) {
    super(scope, id);
    const group = new SecurityGroup(this, "Group", {
      vpc,
      description: "The launcher of masters",
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.anyIpv4(), Port.HTTPS, "Kubernetes API and endpoints of AWS services");
    new CfnSecurityGroupIngress(this, "ToCluster", {
      groupId: cluster.securityGroupId,
      sourceSecurityGroupId: group.securityGroupId,
      ipProtocol: "tcp",
      fromPort: HTTPS,
      toPort: HTTPS,
      description: "Kubernetes API from the launcher of masters",
    });
    this.launch = new GridFunction(this, "Launch", {
      grid,
      name: "launch",
      code: bundles.handler("launch"),
      timeout: WATCH,
      keys,
      logDays,
      network: { vpc, vpcSubnets: { subnetGroupName: "compute" }, securityGroups: [group] },
      environment: {
        [ENV.cluster]: cluster.name,
        [ENV.clusterEndpoint]: cluster.endpoint,
        [ENV.clusterCertificateAuthority]: cluster.certificateAuthority,
      },
    });
    this.functionArn = this.launch.functionArn;
    this.role = this.launch.role!;
    new Rule(this, "Watch", {
      description: "Masters whose Jobs failed, and Jobs that nobody waits for",
      schedule: Schedule.rate(WATCH),
      targets: [
        new LambdaFunction(this.launch, { event: RuleTargetInput.fromObject({ watch: true }), retryAttempts: 0 }),
      ],
    });
  }

  /** Lets it fail states whose master could not, and ask whether an execution goes on. */
  callBack(machine: JobMachine): void {
    machine.grantCallBack(this.launch);
    machine.grantDescribe(this.launch);
  }
}
