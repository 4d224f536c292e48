import { VAULT } from "#grid/vault.ts";
import { CERTIFICATES_ACCOUNT } from "./vault-names.ts";

/**
 * What a namespace needs so that its pods can trust Vault: the ConfigMap `vault-ca`, empty until Vault's certificate program finds it,
 * and that program's permission to fill it. The namespace is given when they are applied.
 */
export const certificateReaders = () => [
  { apiVersion: "v1", kind: "ConfigMap", metadata: { name: VAULT.caConfigMap } },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: VAULT.caConfigMap },
    rules: [{ apiGroups: [""], resources: ["configmaps"], resourceNames: [VAULT.caConfigMap], verbs: ["patch"] }],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: VAULT.caConfigMap },
    subjects: [{ kind: "ServiceAccount", name: CERTIFICATES_ACCOUNT, namespace: VAULT.namespace }],
    roleRef: { kind: "Role", name: VAULT.caConfigMap, apiGroup: "rbac.authorization.k8s.io" },
  },
];
