import { Cluster, type ICluster, KubectlProvider } from "aws-cdk-lib/aws-eks-v2";
import { Construct } from "constructs";

interface ImportedClusterProps {
  readonly name: string;
  /** ARN of the kubectl provider's Lambda. */
  readonly kubectlProvider: string;
}

/** The cluster of the platform, which manifests are applied to. */
export class ImportedCluster extends Construct {
  readonly cluster: ICluster;

  constructor(scope: Construct, id: string, { name, kubectlProvider }: ImportedClusterProps) {
    super(scope, id);
    this.cluster = Cluster.fromClusterAttributes(this, "Cluster", {
      clusterName: name,
      kubectlProvider: KubectlProvider.fromKubectlProviderAttributes(this, "Kubectl", {
        serviceToken: kubectlProvider,
      }),
    });
  }
}
