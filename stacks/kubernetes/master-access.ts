import { CfnAccessEntry } from "aws-cdk-lib/aws-eks";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { GridNamespace } from "./grid-namespace.ts";

interface MasterAccessProps {
  readonly namespace: GridNamespace;
  /** Of whoever runs Jobs: the state machine, or its launcher. */
  readonly launcherRole: IRole;
}

const GROUP = "grid-job-runners";

/** Lets one role run Kubernetes Jobs in the namespace, as `eks:runJob.sync` does, and nothing else in the cluster. */
export class MasterAccess extends Construct {
  constructor(scope: Construct, id: string, { namespace, launcherRole }: MasterAccessProps) {
    super(scope, id);
    new CfnAccessEntry(this, "Entry", {
      clusterName: namespace.cluster.clusterName,
      principalArn: launcherRole.roleArn,
      type: "STANDARD",
      kubernetesGroups: [GROUP],
    });
    namespace.apply(
      this,
      "Manifest",
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { name: GROUP },
        rules: [
          { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "get", "list", "watch", "delete"] },
          { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
          { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
        ],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: GROUP },
        subjects: [{ kind: "Group", name: GROUP, apiGroup: "rbac.authorization.k8s.io" }],
        roleRef: { kind: "Role", name: GROUP, apiGroup: "rbac.authorization.k8s.io" },
      },
    );
  }
}
