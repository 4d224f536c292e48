import type { IGrantable, IPrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { PodIdentity } from "../cluster/pod-role.ts";
import type { GridNamespace } from "./grid-namespace.ts";

interface ServiceAccountProps {
  readonly namespace: GridNamespace;
  readonly name: string;
}

/**
 * An identity of pods: a Kubernetes service account and, by EKS Pod Identity, the IAM role its pods act as. In the cluster it may do
 * nothing, and its pods get no token for the API server.
 */
export class ServiceAccount extends Construct implements IGrantable {
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, { namespace, name }: ServiceAccountProps) {
    super(scope, id);
    const identity = new PodIdentity(this, "Pods", {
      clusterName: namespace.cluster.clusterName,
      namespace: namespace.name,
      serviceAccount: name,
    });
    this.grantPrincipal = identity.grantPrincipal;
    namespace.apply(this, "Manifest", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name },
      automountServiceAccountToken: false,
    });
  }
}
