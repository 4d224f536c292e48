import { RemovalPolicy } from "aws-cdk-lib";
import { type IVpc, Peer, Port, SecurityGroup } from "aws-cdk-lib/aws-ec2";
import {
  type CfnFileSystem,
  FileSystemTypeVersion,
  LustreDataCompressionType,
  LustreDeploymentType,
  LustreFileSystem,
} from "aws-cdk-lib/aws-fsx";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { FileSystemConfig } from "#grid/config/file-system.ts";

interface SharedFileSystemProps {
  readonly settings: FileSystemConfig;
  readonly vpc: IVpc;
  /** Range of the VPC. */
  readonly cidr: string;
  /** Encrypts a PERSISTENT_2; FSx encrypts a SCRATCH_2 with a key of its own. */
  readonly key: IKey;
}

/** Lustre's ports (FSx for Lustre guide, "File system access control with Amazon VPC"). */
const LUSTRE = [Port.tcp(988), Port.tcpRange(1018, 1023)];

/** FSx for Lustre in one zone of the network, reached from the network only. */
export class SharedFileSystem extends Construct {
  readonly id: string;
  readonly dnsName: string;
  readonly mountName: string;
  /** Its availability zone: workers elsewhere would pay for every byte, and wait for it. */
  readonly zone: string;

  constructor(scope: Construct, id: string, { settings, vpc, cidr, key }: SharedFileSystemProps) {
    super(scope, id);
    const isPersistent = settings.type === "PERSISTENT_2";
    const subnet = vpc.selectSubnets({ subnetGroupName: "compute" }).subnets[settings.zone]!;
    const group = new SecurityGroup(this, "Group", {
      vpc,
      description: "Lustre from the VPC",
      allowAllOutbound: false,
    });
    for (const port of LUSTRE) {
      group.addIngressRule(Peer.ipv4(cidr), port, "Lustre from the VPC");
      group.addEgressRule(Peer.ipv4(cidr), port, "Lustre to clients and servers");
    }
    const fileSystem = new LustreFileSystem(this, "FileSystem", {
      vpc,
      vpcSubnet: subnet,
      securityGroup: group,
      storageCapacityGiB: settings.gibibytes,
      fileSystemTypeVersion: FileSystemTypeVersion.V_2_15,
      lustreConfiguration: {
        dataCompressionType: LustreDataCompressionType.LZ4,
        ...(isPersistent
          ? { deploymentType: LustreDeploymentType.PERSISTENT_2, perUnitStorageThroughput: settings.throughput }
          : { deploymentType: LustreDeploymentType.SCRATCH_2 }),
      },
      removalPolicy: isPersistent ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    // By its ARN: the construct would cut the id out of a reference to another stack, which CloudFormation cannot split.
    if (isPersistent) (fileSystem.node.defaultChild as CfnFileSystem).kmsKeyId = key.keyArn;
    this.id = fileSystem.fileSystemId;
    this.dnsName = fileSystem.dnsName;
    this.mountName = fileSystem.mountName;
    this.zone = subnet.availabilityZone;
  }
}
