import { type Finding, managedPolicy, resource, sameReason } from "./finding.ts";

const KUBECTL = "Cluster/ControlPlane/Cluster/KubectlProvider";
const CDK_OWN = "CDK's kubectl provider makes this role itself and takes no other policies:";
const CONTROLLER = "Cluster/Karpenter/Controller/Role/DefaultPolicy/Resource";
const ec2 = (type: string) => resource(`arn:<AWS::Partition>:ec2:<AWS::Region>:*:${type}/*`);

export const clusterFindings: readonly Finding[] = [
  {
    path: "Cluster/ControlPlane/Cluster/Role/Resource",
    rule: managedPolicy("AmazonEKSClusterPolicy"),
    reason:
      "EKS documents this policy as the one its control plane needs, and extends it when a Kubernetes version asks for more.",
  },
  {
    path: `${KUBECTL}/Handler/Resource`,
    rule: "L1",
    reason: "The runtime is the one that CDK's kubectl handler and its layer are built and tested for.",
  },
  {
    path: `${KUBECTL}/Handler/ServiceRole/Resource`,
    rule: managedPolicy("service-role/AWSLambdaBasicExecutionRole"),
    reason: `${CDK_OWN} this one lets the handler write its log.`,
  },
  {
    path: `${KUBECTL}/Handler/ServiceRole/Resource`,
    rule: managedPolicy("service-role/AWSLambdaVPCAccessExecutionRole"),
    reason: `${CDK_OWN} this one lets Lambda put the handler's network interfaces into the VPC.`,
  },
  {
    path: `${KUBECTL}/Handler/ServiceRole/Resource`,
    rule: managedPolicy("AmazonEC2ContainerRegistryReadOnly"),
    reason: `${CDK_OWN} this one lets the handler read Helm charts from registries of the account.`,
  },
  {
    path: `${KUBECTL}/Handler/ServiceRole/Resource`,
    rule: 'IAM4[Policy::{"Fn::If":["ControlPlaneClusterKubectlProviderHandlerHasEcrPublic6AA9E5D7",{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::aws:policy/AmazonElasticContainerRegistryPublicReadOnly"]]},{"Ref":"AWS::NoValue"}]}]',
    reason: `${CDK_OWN} this one lets the handler read Karpenter's Helm chart from the public registry.`,
  },
  {
    path: `${KUBECTL}/Provider/framework-onEvent/ServiceRole/Resource`,
    rule: managedPolicy("service-role/AWSLambdaBasicExecutionRole"),
    reason: `${CDK_OWN} this one lets the provider framework write its log.`,
  },
  {
    path: `${KUBECTL}/Provider/framework-onEvent/ServiceRole/Resource`,
    rule: managedPolicy("service-role/AWSLambdaVPCAccessExecutionRole"),
    reason: `${CDK_OWN} this one lets Lambda put the framework's network interfaces into the VPC.`,
  },
  {
    path: `${KUBECTL}/Provider/framework-onEvent/ServiceRole/DefaultPolicy/Resource`,
    rule: resource("<ControlPlaneClusterKubectlProviderHandler4C29DBB3.Arn>:*"),
    reason: "CDK's provider framework may invoke its one handler, whose versions are what the wildcard stands for.",
  },
  {
    path: "Cluster/AddOns/vpc-cni-role/Resource",
    rule: managedPolicy("AmazonEKS_CNI_Policy"),
    reason: "The policy that EKS documents for the VPC CNI add-on; AWS extends it along with the add-on's versions.",
  },
  {
    path: "Cluster/AddOns/aws-ebs-csi-driver-role/Resource",
    rule: managedPolicy("service-role/AmazonEBSCSIDriverPolicy"),
    reason:
      "The policy that EKS documents for the EBS CSI driver: it acts on volumes that carry the driver's own tags.",
  },
  ...["Cluster/SystemNodes/Role/Resource", "Cluster/Karpenter/NodeRole/Resource"].flatMap((path): Finding[] => [
    {
      path,
      rule: managedPolicy("AmazonEKSWorkerNodePolicy"),
      reason: "The policy that EKS documents for nodes; without it kubelet cannot join the cluster.",
    },
    {
      path,
      rule: managedPolicy("AmazonEC2ContainerRegistryPullOnly"),
      reason:
        "Nodes pull images of the account's registry and of EKS's own in other accounts, which no list could name.",
    },
    {
      path,
      rule: managedPolicy("AmazonSSMManagedInstanceCore"),
      reason: "Session Manager is the only way to a node's shell: there is no bastion and no SSH.",
    },
  ]),
  {
    path: CONTROLLER,
    rule: resource("*"),
    reason:
      "EC2's and the price list's Describe and List calls, which Karpenter chooses instances by, take no resource.",
  },
  ...sameReason(
    CONTROLLER,
    "Karpenter starts instances whose ids are not known before; conditions on the cluster's tag narrow each statement.",
    ...["fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request"].map(ec2),
  ),
  ...sameReason(
    CONTROLLER,
    "An instance is started from these; which ones is said in the node classes, which only administrators may write.",
    ...["security-group", "subnet", "placement-group", "capacity-reservation"].map(ec2),
    resource("arn:<AWS::Partition>:ec2:<AWS::Region>::image/*"),
    resource("arn:<AWS::Partition>:ec2:<AWS::Region>::snapshot/*"),
  ),
  {
    path: CONTROLLER,
    rule: resource("arn:<AWS::Partition>:iam::<AWS::AccountId>:instance-profile/*"),
    reason: "Karpenter looks instance profiles up by name; it may not make or change one.",
  },
  {
    path: CONTROLLER,
    rule: resource("arn:<AWS::Partition>:ssm:<AWS::Region>::parameter/aws/service/*"),
    reason: "Public parameters of AWS, which name the current images of nodes.",
  },
];
