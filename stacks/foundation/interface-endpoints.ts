import { InterfaceVpcEndpointAwsService, type IVpc, Peer, Port, SecurityGroup } from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";

const SERVICES = {
  // Masters, workers and Lambdas.
  Sqs: InterfaceVpcEndpointAwsService.SQS,
  States: InterfaceVpcEndpointAwsService.STEP_FUNCTIONS,
  Events: InterfaceVpcEndpointAwsService.EVENTBRIDGE,
  Sts: InterfaceVpcEndpointAwsService.STS,
  Kms: InterfaceVpcEndpointAwsService.KMS,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Metrics: InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
  Traces: InterfaceVpcEndpointAwsService.XRAY,
  // The waiter of CDK's kubectl provider, which runs in the VPC.
  Lambda: InterfaceVpcEndpointAwsService.LAMBDA,
  // Nodes: joining the cluster, images, pod identities, volumes, the file system.
  Eks: InterfaceVpcEndpointAwsService.EKS,
  EksAuth: InterfaceVpcEndpointAwsService.EKS_AUTH,
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrImages: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Ec2: InterfaceVpcEndpointAwsService.EC2,
  Fsx: InterfaceVpcEndpointAwsService.FSX,
  // Session Manager, and the AMI parameters that Karpenter reads.
  Ssm: InterfaceVpcEndpointAwsService.SSM,
  SsmMessages: InterfaceVpcEndpointAwsService.SSM_MESSAGES,
  Ec2Messages: InterfaceVpcEndpointAwsService.EC2_MESSAGES,
};

interface InterfaceEndpointsProps {
  readonly vpc: IVpc;
  /** Range of the VPC. */
  readonly cidr: string;
}

/** Ways to AWS's services that do not leave the network: HTTPS from the VPC only. */
export class InterfaceEndpoints extends Construct {
  constructor(scope: Construct, id: string, { vpc, cidr }: InterfaceEndpointsProps) {
    super(scope, id);
    const group = new SecurityGroup(this, "Group", {
      vpc,
      description: "HTTPS from the VPC to the endpoints of AWS services",
      allowAllOutbound: false,
    });
    group.addIngressRule(Peer.ipv4(cidr), Port.HTTPS, "HTTPS from the VPC");
    for (const [name, service] of Object.entries(SERVICES)) {
      vpc.addInterfaceEndpoint(name, {
        service,
        subnets: { subnetGroupName: "compute" },
        securityGroups: [group],
        open: false,
        privateDnsEnabled: true,
      });
    }
  }
}
