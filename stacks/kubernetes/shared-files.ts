import { KubernetesManifest } from "aws-cdk-lib/aws-eks-v2";
import { Construct } from "constructs";
import { SHARED_CLAIM } from "#grid/names.ts";
import type { GridNamespace } from "./grid-namespace.ts";

interface SharedFilesProps {
  readonly namespace: GridNamespace;
  readonly fileSystem: string;
  readonly dnsName: string;
  readonly mountName: string;
}

/** Kubernetes wants a size; FSx has its own and this one limits nothing. */
const NOMINAL_SIZE = "1200Gi";

/** The FSx for Lustre file system as a volume that every pod of the grid may mount. */
export class SharedFiles extends Construct {
  constructor(scope: Construct, id: string, { namespace, fileSystem, dnsName, mountName }: SharedFilesProps) {
    super(scope, id);
    const volume = new KubernetesManifest(this, "Volume", {
      cluster: namespace.cluster,
      manifest: [
        {
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
              volumeHandle: fileSystem,
              volumeAttributes: { dnsname: dnsName, mountname: mountName },
            },
          },
        },
      ],
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
