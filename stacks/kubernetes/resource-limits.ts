import { Construct } from "constructs";
import type { GridNamespace } from "./grid-namespace.ts";
import { namespaceQuota, type PodGroup } from "./namespace-quota.ts";

interface ResourceLimitsProps {
  readonly namespace: GridNamespace;
  readonly groups: readonly PodGroup[];
}

/** What the namespace may use in all, and what a container gets that does not say what it needs. */
export class ResourceLimits extends Construct {
  constructor(scope: Construct, id: string, { namespace, groups }: ResourceLimitsProps) {
    super(scope, id);
    namespace.apply(
      this,
      "Manifest",
      {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "grid" },
        spec: { hard: namespaceQuota(groups) },
      },
      {
        apiVersion: "v1",
        kind: "LimitRange",
        metadata: { name: "grid" },
        spec: {
          limits: [
            {
              type: "Container",
              defaultRequest: { cpu: "100m", memory: "256Mi" },
              default: { memory: "1Gi" },
            },
          ],
        },
      },
    );
  }
}
