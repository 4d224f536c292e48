import { Duration } from "aws-cdk-lib";
import type { ICertificate } from "aws-cdk-lib/aws-certificatemanager";
import { type IVpc, Peer, Port, SecurityGroup, SubnetType } from "aws-cdk-lib/aws-ec2";
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  type IApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
  SslPolicy,
} from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { allowedRanges, type IntakeConfig } from "#grid/config/intake.ts";
import { AccessLogs } from "./access-logs.ts";

interface FrontDoorProps {
  readonly intake: IntakeConfig;
  readonly vpc: IVpc;
  readonly certificate: ICertificate;
  readonly target: IApplicationTargetGroup;
  /** Bucket that the load balancer's bucket of logs logs its accesses to. */
  readonly accessLogs: IBucket;
  readonly accessLogDays: number;
}

/**
 * The load balancer: HTTPS on 443, and on 80 nothing but the way there. Requests for another host than the intake's never reach the
 * target. It connects to nothing: a Lambda is called, so no traffic may leave its security group.
 */
export class FrontDoor extends Construct {
  readonly loadBalancer: ApplicationLoadBalancer;

  constructor(scope: Construct, id: string, props: FrontDoorProps) {
    super(scope, id);
    const { intake, vpc, certificate, target } = props;
    const internetFacing = intake.scheme === "internet-facing";
    const securityGroup = new SecurityGroup(this, "Connections", {
      vpc,
      description: "Who may connect to the intake of the grid",
      allowAllOutbound: false,
    });
    for (const range of allowedRanges(intake)) {
      securityGroup.addIngressRule(Peer.ipv4(range), Port.tcp(443), "HTTPS");
      securityGroup.addIngressRule(Peer.ipv4(range), Port.tcp(80), "Redirected to HTTPS");
    }

    this.loadBalancer = new ApplicationLoadBalancer(this, "LoadBalancer", {
      vpc,
      vpcSubnets: { onePerAz: true, ...(internetFacing && { subnetType: SubnetType.PUBLIC }) },
      internetFacing,
      securityGroup,
      deletionProtection: true,
      dropInvalidHeaderFields: true,
      idleTimeout: Duration.seconds(60),
    });
    const logs = new AccessLogs(this, "AccessLogs", { keepDays: props.accessLogDays, accessLogs: props.accessLogs });
    this.loadBalancer.setAttribute("access_logs.s3.enabled", "true");
    this.loadBalancer.setAttribute("access_logs.s3.bucket", logs.bucketName);
    this.loadBalancer.node.addDependency(logs.writable);

    this.loadBalancer.addListener("Http", {
      protocol: ApplicationProtocol.HTTP,
      open: false,
      defaultAction: ListenerAction.redirect({ protocol: "HTTPS", port: "443", permanent: true }),
    });
    this.loadBalancer
      .addListener("Https", {
        protocol: ApplicationProtocol.HTTPS,
        open: false,
        certificates: [certificate],
        // TLS 1.2 with forward secrecy and authenticated encryption, or 1.3.
        sslPolicy: SslPolicy.TLS13_12_RES_PQ,
        defaultAction: ListenerAction.fixedResponse(404, {
          contentType: "application/json",
          messageBody: '{"title":"Not Found","status":404,"detail":"no such host"}',
        }),
      })
      .addAction("Intake", {
        priority: 1,
        conditions: [ListenerCondition.hostHeaders([intake.domainName])],
        action: ListenerAction.forward([target]),
      });
  }
}
