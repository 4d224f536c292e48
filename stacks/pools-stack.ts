import { Stack } from "aws-cdk-lib";
import { Role } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { ownVault } from "#grid/config/vault.ts";
import type { Grid } from "#grid/config.ts";
import { MASTER_SERVICE_ACCOUNT } from "#grid/names.ts";
import type { GridCluster } from "./cluster-stack.ts";
import type { GridStack } from "./grid-stack.ts";
import { GridNamespace } from "./kubernetes/grid-namespace.ts";
import { ImportedCluster } from "./kubernetes/imported-cluster.ts";
import { MasterAccess } from "./kubernetes/master-access.ts";
import { MASTER_NEEDS } from "./kubernetes/master-needs.ts";
import { MasterNodes } from "./kubernetes/master-nodes.ts";
import { NetworkPolicies } from "./kubernetes/network-policies.ts";
import type { NodeBase } from "./kubernetes/node-class.ts";
import { PoolWorkers } from "./kubernetes/pool-workers.ts";
import { Priorities } from "./kubernetes/priorities.ts";
import { ResourceLimits } from "./kubernetes/resource-limits.ts";
import { ServiceAccount } from "./kubernetes/service-account.ts";
import { type LustreMount, SharedFiles } from "./kubernetes/shared-files.ts";
import { workerGroup } from "./kubernetes/worker-needs.ts";
import { certificateReaders } from "./vault/certificate-readers.ts";

interface PoolsStackProps {
  readonly grid: Grid;
  readonly gridStack: GridStack;
  readonly cluster: GridCluster;
  readonly fileSystem: LustreMount;
  /** Ids of the subnets for nodes, one a zone in the order of the network's. */
  readonly subnets: readonly string[];
  /** ARN of the KMS key of the nodes' volumes. */
  readonly volumesKey: string;
}

/** What the grid has in the Kubernetes cluster: its namespace with guard rails, masters, the shared file system, and each pool. */
export class PoolsStack extends Stack {
  constructor(scope: Construct, id: string, props: PoolsStackProps) {
    const { grid, gridStack, subnets } = props;
    super(scope, id, {
      stackName: `${grid.name}-pools`,
      description: `Burstgrid "${grid.name}": worker pools in its Kubernetes cluster`,
    });
    const { store, ledger, completions, machine } = gridStack;
    const cluster = new ImportedCluster(this, "Cluster", props.cluster);
    const namespace = new GridNamespace(this, "Namespace", { cluster });
    const pools = [...gridStack.pools].map(([name, gridPool]) => ({
      gridPool,
      pool: { name, ...grid.pools[name]! },
      applications: Object.values(grid.applications).filter((application) => application.pool === name),
    }));

    new NetworkPolicies(this, "Network", { namespace, egress: grid.cluster.egress, vault: grid.vault });
    if (ownVault(grid.vault) !== undefined) namespace.apply(this, "VaultAuthority", ...certificateReaders());
    const priorities = new Priorities(this, "Priorities", { namespace });
    new ResourceLimits(this, "Limits", {
      namespace,
      groups: [
        { pods: grid.cluster.masters, ...MASTER_NEEDS },
        ...pools.map(({ pool, applications }) => workerGroup(pool, applications)),
      ],
    });
    new SharedFiles(this, "SharedFiles", { namespace, fileSystem: props.fileSystem });

    const nodes: NodeBase = {
      image: grid.cluster.nodeImage,
      instanceProfile: props.cluster.instanceProfile,
      securityGroupId: props.cluster.securityGroupId,
      volumesKey: props.volumesKey,
      tags: { ...grid.tags, "burstgrid:grid": grid.name },
    };
    new MasterAccess(this, "MasterAccess", { namespace, launcherRole: machine.launcherRole });
    new MasterNodes(this, "MasterNodes", {
      namespace,
      base: nodes,
      subnets,
      instanceTypes: grid.cluster.systemNodes.instanceTypes,
    });
    const master = new ServiceAccount(this, "Master", { namespace, name: MASTER_SERVICE_ACCOUNT });
    store.grantRead(master);
    store.grantWrite(master);
    ledger.grantReadWrite(master);
    machine.grantCallBack(master);

    const keda = Role.fromRoleName(this, "Keda", props.cluster.kedaRole);
    for (const { pool, gridPool, applications } of pools) {
      const workers = new PoolWorkers(this, `Pool-${pool.name}`, {
        namespace,
        grid: grid.name,
        pool,
        applications,
        ...gridPool,
        bucket: store.bucketName,
        nodes,
        subnets: pool.zones === "all" ? subnets : [subnets[grid.fileSystem.zone]!],
      });
      workers.node.addDependency(priorities);
      store.grantRead(workers.identity);
      store.grantWrite(workers.identity);
      completions.grantSend(workers.identity);
      gridPool.queues.grantMeasure(keda);
    }
  }
}
