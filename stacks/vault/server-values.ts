import { VAULT } from "#grid/vault.ts";
import { reloadSidecar } from "./reload-sidecar.ts";
import { sealSidecar } from "./seal-sidecar.ts";
import { TLS_FOLDER } from "./server-config.ts";
import { SERVER_ACCOUNT, SERVER_LABELS, SYSTEM_NODES } from "./vault-names.ts";

interface ServerValuesInput {
  readonly replicas: number;
  readonly storageGibibytes: number;
  readonly storageClass: string;
  readonly image: { readonly repository: string; readonly tag: string };
  /** HCL. */
  readonly config: string;
}

/** Of the image: it runs as this user and group. */
const VAULT_USER = 100;
const VAULT_GROUP = 1000;

/** Values of the chart `hashicorp/vault`. */
export function serverValues({ replicas, storageGibibytes, storageClass, image, config }: ServerValuesInput) {
  return {
    global: { tlsDisable: false },
    injector: { enabled: false },
    csi: { enabled: false },
    ui: { enabled: false },
    server: {
      image,
      // After an upgrade an operator replaces the standbys first and the active server last (docs/vault.md).
      updateStrategyType: "OnDelete",
      resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { memory: "2Gi" } },
      serviceAccount: { create: false, name: SERVER_ACCOUNT },
      authDelegator: { enabled: true },
      priorityClassName: "system-cluster-critical",
      nodeSelector: SYSTEM_NODES,
      affinity: {
        podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: APART }] },
      },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "topology.kubernetes.io/zone",
          whenUnsatisfiable: "DoNotSchedule",
          labelSelector: { matchLabels: SERVER_LABELS },
        },
      ],
      statefulSet: { securityContext: { pod: POD_SECURITY, container: CONTAINER_SECURITY } },
      shareProcessNamespace: true,
      extraContainers: [reloadSidecar, sealSidecar].map((sidecar) => sidecar(`${image.repository}:${image.tag}`)),
      volumes: [
        {
          name: "tls",
          // Each key must be there: a server waits for the certificates.
          secret: { secretName: VAULT.serverSecret, defaultMode: 0o440, items: TLS_FILES },
        },
        { name: "tmp", emptyDir: {} },
      ],
      volumeMounts: [
        { name: "tls", mountPath: TLS_FOLDER, readOnly: true },
        { name: "tmp", mountPath: "/tmp" },
      ],
      dataStorage: { enabled: true, size: `${storageGibibytes}Gi`, storageClass },
      // Audit lines go to stdout, and from there to CloudWatch.
      auditStorage: { enabled: false },
      readinessProbe: { enabled: true, path: "/v1/sys/health?standbyok=true", port: VAULT.port },
      livenessProbe: {
        enabled: true,
        // Sealed or new is not dead: a restart would not help.
        path: "/v1/sys/health?standbyok=true&sealedcode=204&uninitcode=204",
        port: VAULT.port,
        initialDelaySeconds: 60,
      },
      standalone: { enabled: false },
      ha: {
        enabled: true,
        replicas,
        apiAddr: `https://$(VAULT_K8S_POD_NAME).vault-internal.${VAULT.namespace}.svc:${VAULT.port}`,
        raft: { enabled: true, setNodeId: true, config },
        disruptionBudget: { enabled: true, maxUnavailable: 1 },
      },
    },
  };
}

/**
 * Two servers on one node only where a zone has too few nodes. The spread over three zones leaves at most two of five in a zone, so
 * neither a node nor a zone that fails takes the quorum.
 */
const APART = { labelSelector: { matchLabels: SERVER_LABELS }, topologyKey: "kubernetes.io/hostname" };

const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: VAULT_USER,
  runAsGroup: VAULT_GROUP,
  fsGroup: VAULT_GROUP,
  seccompProfile: { type: "RuntimeDefault" },
};

const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

const TLS_FILES = [VAULT.certificateFile, VAULT.privateKeyFile, VAULT.caFile].map((key) => ({ key, path: key }));
