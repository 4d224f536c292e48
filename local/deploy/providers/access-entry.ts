import { Schema } from "effect";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const Properties = Schema.Struct({
  ClusterName: passedOver("there is one cluster here"),
  PrincipalArn: Schema.String,
  Type: Schema.optionalKey(Schema.Literal("STANDARD")),
  KubernetesGroups: Schema.optionalKey(Schema.Array(Schema.String)),
  Username: Schema.optionalKey(Schema.String),
  Tags: TAGS,
});

export const accessEntry = provider(Properties, (entry, resource, { services }) => {
  services.kubernetes.grantAccess({
    principalArn: entry.PrincipalArn,
    groups: entry.KubernetesGroups ?? [],
    username: entry.Username,
  });
  return { ref: resource.physicalName(128), attributes: {} };
});
