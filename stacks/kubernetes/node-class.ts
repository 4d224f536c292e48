import { Construct } from "constructs";
import type { GridNamespace } from "./grid-namespace.ts";

/** What all nodes that Karpenter starts for the grid have in common. */
export interface NodeBase {
  /** AMI alias, e.g. `al2023@latest`. */
  readonly image: string;
  readonly instanceProfile: string;
  readonly securityGroupId: string;
  /** ARN of the KMS key of their volumes. */
  readonly volumesKey: string;
  /** Tags of instances and volumes. */
  readonly tags: Readonly<Record<string, string>>;
}

interface NodeClassProps {
  readonly namespace: GridNamespace;
  readonly name: string;
  readonly base: NodeBase;
  /** Ids of the subnets where its nodes may start. */
  readonly subnets: readonly string[];
  /** Name of the placement group that its nodes start in. */
  readonly placementGroup?: string | undefined;
}

/** Room for a pool's image, the user's files and `/tmp` of each worker. */
const DISK = "100Gi";

/** How nodes are made (Karpenter's EC2NodeClass): image, network, encrypted disk, instance metadata for the node alone. */
export class NodeClass extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, { namespace, name, base, subnets, placementGroup }: NodeClassProps) {
    super(scope, id);
    this.name = name;
    namespace.applyToCluster(this, "Manifest", {
      apiVersion: "karpenter.k8s.aws/v1",
      kind: "EC2NodeClass",
      metadata: { name },
      spec: {
        amiSelectorTerms: [{ alias: base.image }],
        instanceProfile: base.instanceProfile,
        subnetSelectorTerms: subnets.map((subnet) => ({ id: subnet })),
        securityGroupSelectorTerms: [{ id: base.securityGroupId }],
        ...(placementGroup !== undefined && { placementGroupSelector: { name: placementGroup } }),
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: {
              volumeType: "gp3",
              volumeSize: DISK,
              encrypted: true,
              kmsKeyID: base.volumesKey,
              deleteOnTermination: true,
            },
          },
        ],
        tags: base.tags,
      },
    });
  }
}
