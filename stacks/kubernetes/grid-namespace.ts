import { type ICluster, KubernetesManifest } from "aws-cdk-lib/aws-eks-v2";
import { Construct } from "constructs";
import { NAMESPACE } from "#grid/names.ts";
import type { ImportedCluster } from "./imported-cluster.ts";

type KubernetesObject = Record<string, unknown> & { readonly metadata: Record<string, unknown> };

/** The namespace of masters and workers, under the "restricted" Pod Security Standard. */
export class GridNamespace extends Construct {
  readonly name = NAMESPACE;
  readonly cluster: ICluster;
  private readonly manifest: KubernetesManifest;

  constructor(scope: Construct, id: string, { cluster }: { readonly cluster: ImportedCluster }) {
    super(scope, id);
    this.cluster = cluster.cluster;
    this.manifest = new KubernetesManifest(this, "Manifest", {
      cluster: this.cluster,
      manifest: [
        {
          apiVersion: "v1",
          kind: "Namespace",
          metadata: {
            name: NAMESPACE,
            labels: {
              "pod-security.kubernetes.io/enforce": "restricted",
              "pod-security.kubernetes.io/audit": "restricted",
              "pod-security.kubernetes.io/warn": "restricted",
            },
          },
        },
      ],
    });
  }

  /** Applies objects that live in no namespace. */
  applyToCluster(scope: Construct, id: string, ...objects: KubernetesObject[]): KubernetesManifest {
    return new KubernetesManifest(scope, id, { cluster: this.cluster, manifest: objects });
  }

  /** Applies objects that live in this namespace, once it is there. */
  apply(scope: Construct, id: string, ...objects: KubernetesObject[]): KubernetesManifest {
    const manifest = new KubernetesManifest(scope, id, {
      cluster: this.cluster,
      manifest: objects.map((object) => ({ ...object, metadata: { ...object.metadata, namespace: NAMESPACE } })),
    });
    manifest.node.addDependency(this.manifest);
    return manifest;
  }
}
