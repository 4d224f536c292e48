import { CfnJson, Fn } from "aws-cdk-lib";
import type { Cluster } from "aws-cdk-lib/aws-eks-v2";
import { Role, WebIdentityPrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Fn::Sub
const PROVIDER = "${Provider}";

interface WebIdentityRoleProps {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** A role that pods act as by the token of their service account (IRSA): the cluster vouches for it as an OIDC provider. */
export class WebIdentityRole extends Role {
  constructor(scope: Construct, id: string, { cluster, namespace, serviceAccount }: WebIdentityRoleProps) {
    const provider = cluster.openIdConnectProvider.openIdConnectProviderArn;
    // cfn-lint takes another stack's output for a text only within Fn::Sub.
    const issuer = Fn.select(1, Fn.split(":oidc-provider/", Fn.sub(PROVIDER, { Provider: provider })));
    // The issuer is part of a key, which in a template may be no function: CfnJson writes it during the deployment.
    const conditions = new CfnJson(scope, `${id}Condition`, {
      value: {
        [`${issuer}:aud`]: "sts.amazonaws.com",
        [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${serviceAccount}`,
      },
    });
    super(scope, id, { assumedBy: new WebIdentityPrincipal(provider, { StringEquals: conditions }) });
  }
}
