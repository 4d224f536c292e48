import { Construct, type IDependable } from "constructs";
import { NAMESPACE } from "#grid/names.ts";
import { VAULT, VAULT_ENV } from "#grid/vault.ts";
import { certificateReaders } from "./certificate-readers.ts";
import type { ProgramImage } from "./program-image.ts";
import { programJob, programSchedule } from "./program-job.ts";
import { CERTIFICATES_ACCOUNT, SERVER_NAMES } from "./vault-names.ts";
import type { VaultNamespace } from "./vault-namespace.ts";

interface VaultCertificatesProps {
  readonly namespace: VaultNamespace;
  readonly image: ProgramImage;
}

/** A renewal is due every 60 days; a namespace that asks for the authority gets it within this. */
const SCHEDULE = "*/15 * * * *";

/**
 * Vault's own certificate authority and its servers' certificate, made in the cluster: no private key leaves it, none is in a template.
 * The program that makes them may touch these objects and no other, which is why they are here, empty, before it.
 */
export class VaultCertificates extends Construct {
  /** What pods that mount the certificates come after. */
  readonly ready: IDependable;

  constructor(scope: Construct, id: string, { namespace, image }: VaultCertificatesProps) {
    super(scope, id);
    const secret = (name: string) => ({ apiVersion: "v1", kind: "Secret", metadata: { name }, type: "Opaque" });
    const objects = namespace.apply(
      this,
      "Objects",
      secret(VAULT.authoritySecret),
      secret(VAULT.serverSecret),
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: CERTIFICATES_ACCOUNT } },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { name: CERTIFICATES_ACCOUNT },
        rules: [
          {
            apiGroups: [""],
            resources: ["secrets"],
            resourceNames: [VAULT.authoritySecret, VAULT.serverSecret],
            verbs: ["get", "patch"],
          },
        ],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: CERTIFICATES_ACCOUNT },
        subjects: [{ kind: "ServiceAccount", name: CERTIFICATES_ACCOUNT, namespace: VAULT.namespace }],
        roleRef: { kind: "Role", name: CERTIFICATES_ACCOUNT, apiGroup: "rbac.authorization.k8s.io" },
      },
      ...certificateReaders(),
    );
    const pod = {
      image: image.uri,
      program: "certificates",
      serviceAccount: CERTIFICATES_ACCOUNT,
      talksTo: "kubernetes",
      env: {
        [VAULT_ENV.serverNames]: SERVER_NAMES.join(","),
        [VAULT_ENV.trustedIn]: [VAULT.namespace, NAMESPACE].join(","),
      },
    } as const;
    const programs = namespace.apply(
      this,
      "Programs",
      programJob({ pod, version: [image.hash, ...SERVER_NAMES] }),
      programSchedule({ pod, schedule: SCHEDULE }),
    );
    programs.node.addDependency(objects);
    this.ready = programs;
  }
}
