import { CfnParameter, Stack, Tags } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Grid } from "#grid/config.ts";
import { MASTER_SERVICE_ACCOUNT, WORKER_SERVICE_ACCOUNT } from "#grid/names.ts";
import type { GridStack } from "./grid-stack.ts";
import { GridNamespace } from "./kubernetes/grid-namespace.ts";
import { ImportedCluster } from "./kubernetes/imported-cluster.ts";
import { MasterAccess } from "./kubernetes/master-access.ts";
import { ServiceAccount } from "./kubernetes/service-account.ts";
import { SharedFiles } from "./kubernetes/shared-files.ts";
import { WorkerDeployment } from "./kubernetes/worker-deployment.ts";
import { WorkerScaling } from "./kubernetes/worker-scaling.ts";

interface PoolsStackProps {
  readonly grid: Grid;
  readonly gridStack: GridStack;
}

/** What runs in the Kubernetes cluster: namespace, identities, the shared file system, and each pool's workers. */
export class PoolsStack extends Stack {
  constructor(scope: Construct, id: string, { grid, gridStack }: PoolsStackProps) {
    super(scope, id, {
      stackName: `${grid.name}-pools`,
      description: `Burstgrid "${grid.name}": worker pools in its Kubernetes cluster`,
    });
    Tags.of(this).add("burstgrid:grid", grid.name);
    const { store, ledger, completions, pools, machine } = gridStack;
    const parameter = (name: string, description: string) =>
      new CfnParameter(this, name, { type: "String", description }).valueAsString;

    const cluster = new ImportedCluster(this, "Cluster", {
      name: parameter("ClusterName", "EKS cluster that runs masters and workers"),
      kubectlProvider: parameter("KubectlProviderServiceToken", "ARN of the Lambda that applies manifests to it"),
    });
    const namespace = new GridNamespace(this, "Namespace", { cluster });

    new SharedFiles(this, "SharedFiles", {
      namespace,
      fileSystem: parameter("FileSystemId", "FSx for Lustre file system"),
      dnsName: parameter("FileSystemDnsName", "Its DNS name"),
      mountName: parameter("FileSystemMountName", "Its mount name"),
    });

    new MasterAccess(this, "MasterAccess", { namespace, stateMachineRole: machine.role });
    const master = new ServiceAccount(this, "Master", { namespace, name: MASTER_SERVICE_ACCOUNT });
    store.grantRead(master);
    store.grantWrite(master);
    ledger.grantReadWrite(master);
    machine.grantCallBack(master);

    const worker = new ServiceAccount(this, "Worker", { namespace, name: WORKER_SERVICE_ACCOUNT });
    store.grantRead(worker);
    store.grantWrite(worker);
    completions.grantSend(worker);

    for (const [name, { image, queues }] of pools) {
      queues.grantWork(worker);
      const pool = { name, ...grid.pools[name]! };
      const applications = Object.values(grid.applications).filter((application) => application.pool === name);
      const deployment = new WorkerDeployment(this, `Workers-${name}`, {
        namespace,
        grid: grid.name,
        pool,
        applications,
        image: image.uri,
        bucket: store.bucketName,
      });
      new WorkerScaling(this, `Scaling-${name}`, { namespace, deployment, pool, queueUrls: queues.urls });
    }
  }
}
