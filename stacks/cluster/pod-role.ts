import { CfnPodIdentityAssociation } from "aws-cdk-lib/aws-eks";
import {
  type IGrantable,
  type IManagedPolicy,
  type IPrincipal,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

/** An IAM role that pods act as by EKS Pod Identity. */
export class PodRole extends Role {
  constructor(
    scope: Construct,
    id: string,
    { managedPolicies = [] }: { readonly managedPolicies?: IManagedPolicy[] } = {},
  ) {
    const pods = new ServicePrincipal("pods.eks.amazonaws.com");
    super(scope, id, { assumedBy: pods, managedPolicies });
    this.assumeRolePolicy?.addStatements(new PolicyStatement({ actions: ["sts:TagSession"], principals: [pods] }));
  }
}

interface PodIdentityProps {
  readonly clusterName: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** A role for the pods of one service account. */
export class PodIdentity extends Construct implements IGrantable {
  readonly role: Role;
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, props: PodIdentityProps) {
    super(scope, id);
    this.role = new PodRole(this, "Role");
    this.grantPrincipal = this.role.grantPrincipal;
    new CfnPodIdentityAssociation(this, "Identity", { ...props, roleArn: this.role.roleArn });
  }
}
