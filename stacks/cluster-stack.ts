import { Stack } from "aws-cdk-lib";
import type { IVpc } from "aws-cdk-lib/aws-ec2";
import type { Cluster } from "aws-cdk-lib/aws-eks-v2";
import type { Construct } from "constructs";
import type { Grid } from "#grid/config.ts";
import { AddOns } from "./cluster/add-ons.ts";
import { ControlPlane } from "./cluster/control-plane.ts";
import { DevicePlugins } from "./cluster/device-plugins.ts";
import { Karpenter } from "./cluster/karpenter.ts";
import { Keda } from "./cluster/keda.ts";
import { PodLogs } from "./cluster/pod-logs.ts";
import { SystemNodes } from "./cluster/system-nodes.ts";
import type { GridKeys } from "./foundation/keys.ts";

interface ClusterStackProps {
  readonly grid: Grid;
  readonly vpc: IVpc;
  readonly keys: Pick<GridKeys, "cluster" | "data" | "logs">;
}

/** The cluster as the stacks above it see it: no more than tokens, each an output of the cluster stack. */
export interface GridCluster {
  readonly name: string;
  /** URL of its API server. */
  readonly endpoint: string;
  /** PEM in Base64. */
  readonly certificateAuthority: string;
  /** Of the group of all nodes and of the API server's private endpoint. */
  readonly securityGroupId: string;
  /** ARN of the Lambda that applies manifests and charts. */
  readonly kubectlProvider: string;
  /** Instance profile of the nodes that Karpenter starts. */
  readonly instanceProfile: string;
  /** Name of the role of KEDA's operator. */
  readonly kedaRole: string;
}

/** Name of a grid's EKS cluster. */
const clusterName = (grid: string) => grid;

/** The EKS cluster, and in it all that is there before the grid's own namespace: add-ons, system nodes, Karpenter, KEDA, logs, device plugins. */
export class ClusterStack extends Stack {
  readonly eks: Cluster;
  readonly cluster: GridCluster;

  constructor(scope: Construct, id: string, { grid, vpc, keys }: ClusterStackProps) {
    super(scope, id, {
      stackName: `${grid.name}-cluster`,
      description: `Burstgrid "${grid.name}": EKS cluster, its system nodes, add-ons and controllers`,
    });
    const { cluster: config } = grid;
    const name = clusterName(grid.name);
    const subnets = { subnetGroupName: "compute" };

    const { cluster } = new ControlPlane(this, "ControlPlane", {
      name,
      config,
      vpc,
      subnets,
      secretsKey: keys.cluster,
      logsKey: keys.logs,
    });
    const addOns = new AddOns(this, "AddOns", { cluster });
    const nodes = new SystemNodes(this, "SystemNodes", {
      cluster,
      config: config.systemNodes,
      subnets,
      volumesKey: keys.cluster,
    });
    addOns.forNodes(nodes);
    addOns.onNodes(nodes);

    const { mirror } = config;
    const karpenter = new Karpenter(this, "Karpenter", {
      cluster,
      name,
      mirror,
      key: keys.data,
      airGapped: grid.network.nat === "none",
      after: addOns,
    });
    const keda = new Keda(this, "Keda", { cluster, mirror, after: addOns });
    new PodLogs(this, "PodLogs", {
      cluster,
      grid: grid.name,
      days: grid.watch.logDays,
      key: keys.logs,
      mirror,
      after: addOns,
    });
    new DevicePlugins(this, "DevicePlugins", { cluster, mirror, after: addOns });

    this.eks = cluster;
    this.cluster = {
      name,
      endpoint: cluster.clusterEndpoint,
      certificateAuthority: cluster.clusterCertificateAuthorityData,
      securityGroupId: cluster.clusterSecurityGroupId,
      kubectlProvider: cluster.kubectlProvider!.serviceToken,
      instanceProfile: karpenter.instanceProfile,
      kedaRole: keda.roleName,
    };
  }
}
