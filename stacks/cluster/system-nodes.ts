import {
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  InstanceType,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  type SubnetSelection,
} from "aws-cdk-lib/aws-ec2";
import { CapacityType, type Cluster, Nodegroup, NodegroupAmiType } from "aws-cdk-lib/aws-eks-v2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { ClusterConfig } from "#grid/config/cluster.ts";
import { NodeRole } from "./node-role.ts";

interface SystemNodesProps {
  readonly cluster: Cluster;
  readonly config: ClusterConfig["systemNodes"];
  readonly subnets: SubnetSelection;
  /** Encrypts their volumes. */
  readonly volumesKey: IKey;
}

const DISK_GIBIBYTES = 50;

/** The managed nodes of controllers, Vault and masters, over all zones. What starts further nodes runs on these. */
export class SystemNodes extends Construct {
  readonly group: Nodegroup;

  constructor(scope: Construct, id: string, { cluster, config, subnets, volumesKey }: SystemNodesProps) {
    super(scope, id);
    const template = new LaunchTemplate(this, "Template", {
      httpTokens: LaunchTemplateHttpTokens.REQUIRED,
      // One hop: the node itself. Pods have Pod Identity and need no instance metadata.
      httpPutResponseHopLimit: 1,
      blockDevices: [
        {
          deviceName: "/dev/xvda",
          volume: BlockDeviceVolume.ebs(DISK_GIBIBYTES, {
            volumeType: EbsDeviceVolumeType.GP3,
            encrypted: true,
            kmsKey: volumesKey,
          }),
        },
      ],
    });
    this.group = new Nodegroup(this, "Nodes", {
      cluster,
      nodeRole: new NodeRole(this, "Role"),
      subnets,
      amiType: NodegroupAmiType.AL2023_X86_64_STANDARD,
      capacityType: CapacityType.ON_DEMAND,
      instanceTypes: config.instanceTypes.map((type) => new InstanceType(type)),
      minSize: config.min,
      maxSize: config.max,
      labels: { "burstgrid/nodes": "system" },
      enableNodeAutoRepair: true,
      launchTemplateSpec: {
        id: template.launchTemplateId!,
        version: template.latestVersionNumber,
      },
    });
  }
}
