import { fieldsOf, type Templates } from "./templates.ts";

/** What a group or service account may do in the cluster by a role of the manifests. */
export interface KubernetesRight {
  readonly subject: string;
  readonly role: string;
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
}

/** The rights that the templates' manifests give; those of charts are the charts' own. */
export function kubernetesRights(templates: Templates): KubernetesRight[] {
  const manifests = templates
    .ofType("Custom::AWSCDK-EKS-KubernetesResource")
    .flatMap(
      ({ stack, resource }) =>
        JSON.parse(templates.text(stack, fieldsOf(resource.Properties)["Manifest"])) as Manifest[],
    );
  return manifests
    .filter(({ roleRef }) => roleRef !== undefined)
    .flatMap(({ metadata, subjects = [], roleRef }) => {
      const role = manifests.find(
        ({ kind, metadata: { name, namespace } }) =>
          kind === roleRef!.kind &&
          name === roleRef!.name &&
          (kind === "ClusterRole" || namespace === metadata.namespace),
      );
      const where = metadata.namespace === undefined ? "all namespaces" : metadata.namespace;
      return subjects.flatMap(({ kind, name, namespace }) => {
        const subject = `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
        const title = `${roleRef!.kind} ${roleRef!.name} in ${where}`;
        if (role === undefined) return [{ subject, role: title, verbs: ["as Kubernetes defines it"], resources: [] }];
        return (role.rules ?? []).map(({ apiGroups, resources, resourceNames, verbs }) => ({
          subject,
          role: title,
          verbs,
          resources: resources.map(
            (resource) =>
              `${resource}${apiGroups[0] === "" ? "" : `.${apiGroups[0]}`}${resourceNames === undefined ? "" : ` (${resourceNames.join(", ")})`}`,
          ),
        }));
      });
    });
}
