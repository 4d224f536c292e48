import { CfnPodIdentityAssociation } from "aws-cdk-lib/aws-eks";
import { type IGrantable, type IPrincipal, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { GridNamespace } from "./grid-namespace.ts";

interface ServiceAccountProps {
  readonly namespace: GridNamespace;
  readonly name: string;
}

/** An identity of pods: a Kubernetes service account and, by EKS Pod Identity, the IAM role its pods act as. */
export class ServiceAccount extends Construct implements IGrantable {
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, { namespace, name }: ServiceAccountProps) {
    super(scope, id);
    const pods = new ServicePrincipal("pods.eks.amazonaws.com");
    const role = new Role(this, "Role", { assumedBy: pods });
    role.assumeRolePolicy?.addStatements(new PolicyStatement({ actions: ["sts:TagSession"], principals: [pods] }));
    this.grantPrincipal = role.grantPrincipal;
    new CfnPodIdentityAssociation(this, "Identity", {
      clusterName: namespace.cluster.clusterName,
      namespace: namespace.name,
      serviceAccount: name,
      roleArn: role.roleArn,
    });
    namespace.apply(this, "Manifest", { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } });
  }
}
