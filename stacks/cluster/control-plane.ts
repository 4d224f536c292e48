import { KubectlV36Layer } from "@aws-cdk/lambda-layer-kubectl-v36";
import { Annotations, RemovalPolicy, Validations } from "aws-cdk-lib";
import { CfnSecurityGroupEgress, type IVpc, type SubnetSelection } from "aws-cdk-lib/aws-ec2";
import {
  AccessPolicy,
  AccessScopeType,
  Cluster,
  ClusterLoggingTypes,
  DefaultCapacityType,
  EndpointAccess,
  KubernetesVersion,
} from "aws-cdk-lib/aws-eks-v2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { CfnLogGroup, LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { ClusterConfig } from "#grid/config/cluster.ts";

interface ControlPlaneProps {
  /** Of the cluster. */
  readonly name: string;
  readonly config: ClusterConfig;
  readonly vpc: IVpc;
  /** Private subnets, one a zone. */
  readonly subnets: SubnetSelection;
  /** Encrypts Kubernetes secrets. */
  readonly secretsKey: IKey;
  readonly logsKey: IKey;
}

const ENDPOINTS = {
  "public-and-private": EndpointAccess.PUBLIC_AND_PRIVATE,
  private: EndpointAccess.PRIVATE,
} as const;

/**
 * The EKS control plane. Who may do what is decided by access entries alone: not even the role that made the cluster gets in without
 * one.
 */
export class ControlPlane extends Construct {
  readonly cluster: Cluster;

  constructor(scope: Construct, id: string, props: ControlPlaneProps) {
    super(scope, id);
    const { name, config, vpc, subnets } = props;
    const log = new LogGroup(this, "Log", {
      logGroupName: `/aws/eks/${name}/cluster`,
      encryptionKey: props.logsKey,
      retention: config.logDays,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.cluster = new Cluster(this, "Cluster", {
      clusterName: name,
      version: KubernetesVersion.V1_36,
      vpc,
      vpcSubnets: [subnets],
      endpointAccess: ENDPOINTS[config.endpoint],
      secretsEncryptionKey: props.secretsKey,
      clusterLogging: [
        ClusterLoggingTypes.API,
        ClusterLoggingTypes.AUDIT,
        ClusterLoggingTypes.AUTHENTICATOR,
        ClusterLoggingTypes.CONTROLLER_MANAGER,
        ClusterLoggingTypes.SCHEDULER,
      ],
      // Managed nodes and Karpenter of our own, not EKS Auto Mode.
      defaultCapacityType: DefaultCapacityType.NODEGROUP,
      defaultCapacity: 0,
      bootstrapClusterCreatorAdminPermissions: false,
      bootstrapSelfManagedAddons: false,
      kubectlProviderOptions: { kubectlLayer: new KubectlV36Layer(this, "Kubectl") },
    });
    Annotations.of(this.cluster).acknowledgeWarning(
      "@aws-cdk/aws-eks:isolatedSubnetsForKubectlPrivateSubnets",
      "An air-gapped network has an endpoint of each service that kubectl's Lambda calls.",
    );
    Validations.of(this.cluster).acknowledge({
      id: "CloudFormation-Validate::W9009",
      reason: "CDK renders the property that encrypts Kubernetes secrets under its older name, which EKS takes.",
    });
    // CDK's kubectl provider makes the groups of its own Lambdas, and takes no key for them.
    for (const group of this.cluster.node.findAll()) {
      if (group instanceof CfnLogGroup) group.kmsKeyId = props.logsKey.keyArn;
    }
    // EKS would make the group itself, without a retention and without the key.
    this.cluster.node.defaultChild?.node.addDependency(log);
    for (const [at, admin] of config.admins.entries()) this.grantAdmin(`Admin${at}`, admin);

    // Elastic Fabric Adapters talk only where the group lets itself out to itself by name; 0.0.0.0/0 is not enough (EC2 user guide).
    new CfnSecurityGroupEgress(this, "BetweenNodes", {
      groupId: this.cluster.clusterSecurityGroupId,
      destinationSecurityGroupId: this.cluster.clusterSecurityGroupId,
      ipProtocol: "-1",
      description: "Between nodes, Elastic Fabric Adapters included",
    });
  }

  private grantAdmin(id: string, roleArn: string): void {
    this.cluster.grantAccess(id, roleArn, [
      AccessPolicy.fromAccessPolicyName("AmazonEKSClusterAdminPolicy", { accessScopeType: AccessScopeType.CLUSTER }),
    ]);
  }
}
