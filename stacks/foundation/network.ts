import { Fn, RemovalPolicy } from "aws-cdk-lib";
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { type NetworkConfig, zoneCount } from "#grid/config/network.ts";
import { InterfaceEndpoints } from "./interface-endpoints.ts";

interface NetworkProps {
  readonly network: NetworkConfig;
  /** Encrypts the flow logs. */
  readonly logsKey: IKey;
}

/** Zones that the address plan has room for, so that a network of two may grow without moving. */
const MOST_ZONES = 3;
const NAT_GATEWAYS = { none: () => 0, one: () => 1, zone: (zones: number) => zones } as const;

/**
 * The VPC: in each zone a private subnet for all that computes and, unless the network is air-gapped, a small public one for load
 * balancers and NAT. No bastion: nodes are reached by Systems Manager Session Manager.
 */
export class Network extends Construct {
  readonly vpc: IVpc;

  constructor(scope: Construct, id: string, { network, logsKey }: NetworkProps) {
    super(scope, id);
    const zones = zoneCount(network);
    const airGapped = network.nat === "none";
    const prefix = Number(network.cidr.split("/")[1]);
    const vpc = new Vpc(this, "Vpc", {
      ipAddresses: IpAddresses.cidr(network.cidr),
      maxAzs: zones,
      reservedAzs: MOST_ZONES - zones,
      natGateways: NAT_GATEWAYS[network.nat](zones),
      subnetConfiguration: [
        {
          name: "compute",
          subnetType: airGapped ? SubnetType.PRIVATE_ISOLATED : SubnetType.PRIVATE_WITH_EGRESS,
          cidrMask: prefix + 2,
        },
        ...(airGapped
          ? []
          : [{ name: "public", subnetType: SubnetType.PUBLIC, cidrMask: prefix + 8, mapPublicIpOnLaunch: false }]),
      ],
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
      flowLogs: {
        All: {
          destination: FlowLogDestination.toCloudWatchLogs(
            new LogGroup(this, "FlowLog", {
              encryptionKey: logsKey,
              retention: network.flowLogDays,
              removalPolicy: RemovalPolicy.RETAIN,
            }),
          ),
        },
      },
    });
    if (network.interfaceEndpoints) new InterfaceEndpoints(this, "Endpoints", { vpc, cidr: network.cidr });
    this.vpc = vpc;
  }
}

/** The names of a network's zones. Those that are only counted are settled when the stack is deployed. */
export function zoneNames({ zones }: NetworkConfig): string[] {
  if (typeof zones !== "number") return [...zones];
  return Array.from({ length: zones }, (_, at) => Fn.select(at, Fn.getAzs()));
}
