import { type Findings, ignored, object, read, text, textMap, writtenByServer } from "./fields.ts";
import type { Kind } from "./kinds.ts";
import type { Wanted } from "./objects.ts";

const metadata = object(
  { name: text },
  {
    namespace: text,
    labels: textMap,
    annotations: textMap,
    uid: writtenByServer,
    resourceVersion: writtenByServer,
    creationTimestamp: writtenByServer,
    generation: writtenByServer,
    managedFields: writtenByServer,
    selfLink: writtenByServer,
  },
);

/** Metadata of a pod template: the pod's name is made by its owner. */
export const templateMetadata = object(
  {},
  {
    labels: textMap,
    annotations: textMap,
    name: ignored("pods are named after their owner"),
    creationTimestamp: writtenByServer,
  },
);

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** DNS-1123 subdomains have 253 characters; a Job's name is a label of its pods and has 63. RBAC names are free. */
function nameLimit(kind: Kind): number {
  return kind.kind === "Job" ? 63 : 253;
}

/** Checks an object's metadata; `namespace` is what the path says, or "default". */
export function readMetadata(kind: Kind, value: unknown, namespace: string, findings: Findings): Wanted | undefined {
  const given = read(metadata, value ?? {}, "metadata", findings);
  if (given === undefined) return undefined;
  const { name, labels, annotations } = given;
  const wellFormed = SUBDOMAIN.test(name) || kind.group === "rbac.authorization.k8s.io";
  if (!wellFormed || name.length > nameLimit(kind)) {
    const message = `Invalid value: "${name}": must be lower-case letters, digits, "-" and ".", at most ${nameLimit(kind)} characters`;
    findings.causes.push({ field: "metadata.name", reason: "FieldValueInvalid", message });
  }
  if (!kind.namespaced) return { name, labels, annotations };
  if (given.namespace !== undefined && given.namespace !== namespace) {
    const message = `Invalid value: "${given.namespace}": does not match the namespace of the request, "${namespace}"`;
    findings.causes.push({ field: "metadata.namespace", reason: "FieldValueInvalid", message });
  }
  return { name, namespace, labels, annotations };
}
