import { CfnAddon } from "aws-cdk-lib/aws-eks";
import type { Cluster } from "aws-cdk-lib/aws-eks-v2";
import { ManagedPolicy } from "aws-cdk-lib/aws-iam";
import { Construct, type IConstruct } from "constructs";
import { PodRole } from "./pod-role.ts";

/** A service account of an add-on and the AWS managed policy that its role has. */
interface AddOnIdentity {
  readonly serviceAccount: string;
  readonly policy: string;
}

interface AddOn {
  readonly configuration?: object;
  readonly identity?: AddOnIdentity;
}

/** Needed before a node can become ready. They are DaemonSets, whole without any node. */
const FOR_NODES = {
  "vpc-cni": {
    configuration: { enableNetworkPolicy: "true" },
    identity: { serviceAccount: "aws-node", policy: "AmazonEKS_CNI_Policy" },
  },
  "kube-proxy": {},
  "eks-pod-identity-agent": {},
} as const satisfies Readonly<Record<string, AddOn>>;

/** Run on nodes. The FSx driver needs no role: its one volume exists already, and mounting asks no AWS API. */
const ON_NODES = {
  coredns: {},
  "metrics-server": {},
  "aws-fsx-csi-driver": {},
  "aws-ebs-csi-driver": {
    identity: { serviceAccount: "ebs-csi-controller-sa", policy: "service-role/AmazonEBSCSIDriverPolicy" },
  },
} as const satisfies Readonly<Record<string, AddOn>>;

/**
 * What EKS itself installs and keeps in the cluster, in the version that is its default for the cluster's: their images come from EKS's
 * own registry in the region, in an air-gapped network too.
 */
export class AddOns extends Construct {
  private readonly cluster: Cluster;

  constructor(scope: Construct, id: string, { cluster }: { readonly cluster: Cluster }) {
    super(scope, id);
    this.cluster = cluster;
  }

  /** Before the nodes. */
  forNodes(nodes: IConstruct): void {
    for (const [name, addOn] of Object.entries<AddOn>(FOR_NODES)) nodes.node.addDependency(this.add(name, addOn));
  }

  /** After the nodes. */
  onNodes(nodes: IConstruct): void {
    for (const [name, addOn] of Object.entries<AddOn>(ON_NODES)) this.add(name, addOn).node.addDependency(nodes);
  }

  private add(name: string, { configuration, identity }: AddOn): CfnAddon {
    return new CfnAddon(this, name, {
      clusterName: this.cluster.clusterName,
      addonName: name,
      resolveConflicts: "OVERWRITE",
      ...(configuration !== undefined && { configurationValues: JSON.stringify(configuration) }),
      ...(identity !== undefined && {
        podIdentityAssociations: [
          {
            serviceAccount: identity.serviceAccount,
            roleArn: new PodRole(this, `${name}-role`, {
              managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(identity.policy)],
            }).roleArn,
          },
        ],
      }),
    });
  }
}
