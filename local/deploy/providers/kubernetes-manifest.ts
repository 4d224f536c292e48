import { Schema } from "effect";
import { DeployError } from "../deploy-error.ts";
import { passedOver } from "../properties.ts";
import { provider } from "../provider.ts";

const ONE_CLUSTER = "there is one cluster here, reached directly";

const Properties = Schema.Struct({
  /** A JSON list of Kubernetes objects. */
  Manifest: Schema.String,
  ClusterName: passedOver(ONE_CLUSTER),
  RoleArn: passedOver(ONE_CLUSTER),
  ServiceToken: passedOver(ONE_CLUSTER),
  PruneLabel: passedOver("the cluster starts empty each time"),
});

export const kubernetesManifest = provider(Properties, async ({ Manifest }, resource, { services }) => {
  for (const object of objectsOf(Manifest, resource.name)) await services.kubernetes.apply(object);
  return { ref: resource.physicalName(128), attributes: {} };
});

function objectsOf(manifest: string, resource: string): object[] {
  const objects: unknown = JSON.parse(manifest);
  if (Array.isArray(objects)) return objects;
  throw new DeployError(`${resource}: Manifest must be a JSON list of Kubernetes objects`);
}
