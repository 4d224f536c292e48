import { Construct } from "constructs";
import { SHARED_CLAIM } from "#grid/names.ts";
import type { GridNamespace } from "./grid-namespace.ts";

/** How a grid's FSx for Lustre file system is mounted. */
export interface LustreMount {
  readonly id: string;
  readonly dnsName: string;
  readonly mountName: string;
}

interface SharedFilesProps {
  readonly namespace: GridNamespace;
  readonly fileSystem: LustreMount;
}

/** Kubernetes wants a size; FSx has its own and this one limits nothing. */
const NOMINAL_SIZE = "1200Gi";

/** The FSx for Lustre file system as a volume that every pod of the grid may mount. */
export class SharedFiles extends Construct {
  constructor(scope: Construct, id: string, { namespace, fileSystem }: SharedFilesProps) {
    super(scope, id);
    const volume = namespace.applyToCluster(this, "Volume", {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: SHARED_CLAIM },
      spec: {
        capacity: { storage: NOMINAL_SIZE },
        volumeMode: "Filesystem",
        accessModes: ["ReadWriteMany"],
        mountOptions: ["flock"],
        persistentVolumeReclaimPolicy: "Retain",
        storageClassName: "",
        csi: {
          driver: "fsx.csi.aws.com",
          volumeHandle: fileSystem.id,
          volumeAttributes: { dnsname: fileSystem.dnsName, mountname: fileSystem.mountName },
        },
      },
    });
    namespace
      .apply(this, "Claim", {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: SHARED_CLAIM },
        spec: {
          accessModes: ["ReadWriteMany"],
          storageClassName: "",
          volumeName: SHARED_CLAIM,
          resources: { requests: { storage: NOMINAL_SIZE } },
        },
      })
      .node.addDependency(volume);
  }
}
