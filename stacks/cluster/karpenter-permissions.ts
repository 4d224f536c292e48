import { Aws } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";

/**
 * What Karpenter may do: start and end instances that carry the cluster's tags, and look around. Shaped after the policies that Karpenter
 * 1.14 publishes for CloudFormation; without rights on instance profiles, as its nodes have one given.
 */
export function karpenterStatements({
  cluster,
  nodeRoleArn,
}: {
  readonly cluster: string;
  readonly nodeRoleArn: string;
}): PolicyStatement[] {
  const owned = `kubernetes.io/cluster/${cluster}`;
  const ofCluster = (tags: "RequestTag" | "ResourceTag") => ({
    StringEquals: {
      [`aws:${tags}/${owned}`]: "owned",
      ...(tags === "RequestTag" && { "aws:RequestTag/eks:eks-cluster-name": cluster }),
    },
    StringLike: { [`aws:${tags}/karpenter.sh/nodepool`]: "*" },
  });
  const made = ["fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request"].map(
    ec2,
  );
  const allow = (sid: string, actions: string[], resources: string[], conditions: Record<string, object> = {}) =>
    new PolicyStatement({ sid, actions, resources, conditions });

  return [
    allow(
      "LaunchFrom",
      ["ec2:RunInstances", "ec2:CreateFleet"],
      [
        `arn:${Aws.PARTITION}:ec2:${Aws.REGION}::image/*`,
        `arn:${Aws.PARTITION}:ec2:${Aws.REGION}::snapshot/*`,
        ...["security-group", "subnet", "capacity-reservation", "placement-group"].map(ec2),
      ],
    ),
    allow(
      "LaunchByTemplate",
      ["ec2:RunInstances", "ec2:CreateFleet"],
      [ec2("launch-template")],
      ofCluster("ResourceTag"),
    ),
    allow(
      "LaunchTagged",
      ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"],
      made,
      ofCluster("RequestTag"),
    ),
    allow("TagWhatIsLaunched", ["ec2:CreateTags"], made, {
      StringEquals: {
        ...ofCluster("RequestTag").StringEquals,
        "ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"],
      },
      StringLike: ofCluster("RequestTag").StringLike,
    }),
    allow("TagOwnInstances", ["ec2:CreateTags"], [ec2("instance")], {
      ...ofCluster("ResourceTag"),
      StringEqualsIfExists: { "aws:RequestTag/eks:eks-cluster-name": cluster },
      "ForAllValues:StringEquals": { "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"] },
    }),
    allow(
      "EndOwn",
      ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
      [ec2("instance"), ec2("launch-template")],
      ofCluster("ResourceTag"),
    ),
    allow("GiveNodesTheirRole", ["iam:PassRole"], [nodeRoleArn], {
      StringEquals: { "iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"] },
    }),
    allow(
      "ReadProfiles",
      ["iam:GetInstanceProfile"],
      [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:instance-profile/*`],
    ),
    allow(
      "ReadCluster",
      ["eks:DescribeCluster"],
      [`arn:${Aws.PARTITION}:eks:${Aws.REGION}:${Aws.ACCOUNT_ID}:cluster/${cluster}`],
    ),
    allow("ReadImages", ["ssm:GetParameter"], [`arn:${Aws.PARTITION}:ssm:${Aws.REGION}::parameter/aws/service/*`]),
    allow("ReadPrices", ["pricing:GetProducts"], ["*"]),
    allow("ListProfiles", ["iam:ListInstanceProfiles"], ["*"]),
    // EC2's Describe actions know no resources.
    allow("LookAround", DESCRIBE, ["*"], { StringEquals: { "aws:RequestedRegion": Aws.REGION } }),
  ];
}

const DESCRIBE = [
  "CapacityReservations",
  "Images",
  "Instances",
  "InstanceStatus",
  "InstanceTypeOfferings",
  "InstanceTypes",
  "LaunchTemplates",
  "PlacementGroups",
  "SecurityGroups",
  "SpotPriceHistory",
  "Subnets",
].map((what) => `ec2:Describe${what}`);

const ec2 = (resource: string) => `arn:${Aws.PARTITION}:ec2:${Aws.REGION}:*:${resource}/*`;
