import { VAULT, VAULT_ENV } from "#grid/vault.ts";
import { SYSTEM_NODES } from "./vault-names.ts";

/** Where a program finds what is mounted for it. */
const CA_FOLDER = "/etc/vault-ca";
const TOKEN_FOLDER = "/var/run/secrets/vault";
const SERVICE_ACCOUNT_CA = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
/** A login token is used at once; the least that Kubernetes makes is ten minutes (TokenRequest). */
const TOKEN_SECONDS = 600;

/** Label of the programs' pods. */
export const PROGRAM_LABELS = { "app.kubernetes.io/name": "vault-program" };

interface ProgramPodInput {
  readonly image: string;
  readonly program: "certificates" | "bootstrap" | "snapshot";
  readonly serviceAccount: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whom it talks to: that one's authority is trusted, and it has a token for it and for no other. */
  readonly talksTo: "vault" | "kubernetes";
  /** ConfigMap that is mounted at a folder. */
  readonly config?: { readonly name: string; readonly folder: string };
}

/** The pod template of a program around Vault: no root, nothing writable but /tmp, on the system nodes. */
export function programPod({ image, program, serviceAccount, env, talksTo, config }: ProgramPodInput) {
  const toVault = talksTo === "vault";
  const variables = {
    NODE_EXTRA_CA_CERTS: toVault ? `${CA_FOLDER}/${VAULT.caFile}` : SERVICE_ACCOUNT_CA,
    ...(toVault && { [VAULT_ENV.tokenFile]: `${TOKEN_FOLDER}/token` }),
    ...env,
  };
  const mounts = [
    { volume: { name: "tmp", emptyDir: {} }, mountPath: "/tmp" },
    ...(toVault
      ? [
          { volume: AUTHORITY, mountPath: CA_FOLDER },
          { volume: LOGIN_TOKEN, mountPath: TOKEN_FOLDER },
        ]
      : []),
    ...(config === undefined
      ? []
      : [{ volume: { name: "config", configMap: { name: config.name } }, mountPath: config.folder }]),
  ];
  return {
    metadata: { labels: PROGRAM_LABELS },
    spec: {
      serviceAccountName: serviceAccount,
      automountServiceAccountToken: !toVault,
      restartPolicy: "OnFailure",
      nodeSelector: SYSTEM_NODES,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: program,
          image,
          args: [program],
          env: Object.entries(variables).map(([name, value]) => ({ name, value })),
          resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          volumeMounts: mounts.map(({ volume, mountPath }) => ({ name: volume.name, mountPath })),
        },
      ],
      volumes: mounts.map(({ volume }) => volume),
    },
  };
}

const AUTHORITY = {
  name: "ca",
  // The key must be there: the pod waits for the certificates.
  configMap: { name: VAULT.caConfigMap, items: [{ key: VAULT.caFile, path: VAULT.caFile }] },
};

const LOGIN_TOKEN = {
  name: "token",
  projected: {
    sources: [{ serviceAccountToken: { path: "token", audience: VAULT.audience, expirationSeconds: TOKEN_SECONDS } }],
  },
};
