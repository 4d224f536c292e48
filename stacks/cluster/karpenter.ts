import { CfnAccessEntry } from "aws-cdk-lib/aws-eks";
import type { Cluster } from "aws-cdk-lib/aws-eks-v2";
import { CfnInstanceProfile } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct, type IDependable } from "constructs";
import { CHARTS, mirrored, PinnedChart } from "./charts.ts";
import { Interruptions } from "./interruptions.ts";
import { karpenterStatements } from "./karpenter-permissions.ts";
import { NodeRole } from "./node-role.ts";
import { PodIdentity } from "./pod-role.ts";

interface KarpenterProps {
  readonly cluster: Cluster;
  /** Of the cluster, as text: it stands in the keys of conditions. */
  readonly name: string;
  readonly mirror: string | undefined;
  /** Encrypts what EC2 tells of instances. */
  readonly key: IKey;
  /** Nodes and add-ons, without which no pod runs. */
  readonly after: IDependable;
  /** No way out to the internet: prices come with Karpenter's image, not from AWS's price list. */
  readonly airGapped: boolean;
}

const SERVICE_ACCOUNT = "karpenter";

/** Starts nodes when pods wait for room, and ends those that are empty. The NodePools are the pools stack's. */
export class Karpenter extends Construct {
  /** Of the instance profile that its nodes have. */
  readonly instanceProfile: string;

  constructor(scope: Construct, id: string, { cluster, name, mirror, key, airGapped, after }: KarpenterProps) {
    super(scope, id);
    const nodeRole = new NodeRole(this, "NodeRole");
    const profile = new CfnInstanceProfile(this, "NodeProfile", { roles: [nodeRole.roleName] });
    this.instanceProfile = profile.ref;
    const entry = new CfnAccessEntry(this, "NodeAccess", {
      clusterName: cluster.clusterName,
      principalArn: nodeRole.roleArn,
      type: "EC2_LINUX",
    });

    const interruptions = new Interruptions(this, "Interruptions", { cluster: name, key });
    const { namespace } = CHARTS.karpenter;
    const identity = new PodIdentity(this, "Controller", {
      clusterName: cluster.clusterName,
      namespace,
      serviceAccount: SERVICE_ACCOUNT,
    });
    interruptions.grantRead(identity);
    for (const statement of karpenterStatements({ cluster: name, nodeRoleArn: nodeRole.roleArn })) {
      identity.role.addToPolicy(statement);
    }

    new PinnedChart(this, "Chart", {
      cluster,
      chart: CHARTS.karpenter,
      mirror,
      after: [after, identity, entry],
      values: {
        serviceAccount: { name: SERVICE_ACCOUNT },
        settings: {
          clusterName: name,
          clusterEndpoint: cluster.clusterEndpoint,
          interruptionQueue: interruptions.queue.queueName,
          isolatedVPC: airGapped,
        },
        controller: {
          // Equal requests and limits, as its publishers advise: it must not be the first to go when a node is full.
          resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "1Gi" } },
          ...mirrored(mirror, (registry) => ({ image: { repository: `${registry}/karpenter/controller` } })),
        },
      },
    });
  }
}
