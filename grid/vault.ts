import { Schema } from "effect";

/** Names that Vault, its clients and the programs that set it up must agree on. */
export const VAULT = {
  /** Kubernetes namespace; also the release, the StatefulSet and the server's service account. */
  namespace: "vault",
  port: 8200,
  /** Of the tokens that service accounts log in with: one made for Vault is worth nothing to the Kubernetes API. */
  audience: "vault",
  /** Mounts. */
  secrets: "secret",
  databases: "database",
  kubernetesAuth: "kubernetes",
  /** ConfigMap with the certificate of the authority that clients trust, and its key there. */
  caConfigMap: "vault-ca",
  caFile: "ca.crt",
  /** Secrets of the authority and of the servers, and their keys. */
  authoritySecret: "vault-authority",
  serverSecret: "vault-tls",
  certificateFile: "tls.crt",
  privateKeyFile: "tls.key",
} as const;

/** Where clients in the cluster reach the member that is active. */
export const VAULT_ADDRESS = `https://vault-active.${VAULT.namespace}.svc:${VAULT.port}`;

const APPLICATION_PREFIX = "application-";

/** The role and the policy of an application. */
export const applicationRole = (application: string) => `${APPLICATION_PREFIX}${application}`;
export const isApplicationRole = (name: string) => name.startsWith(APPLICATION_PREFIX);

/** The database role of an application: its credentials are read at `database/creds/NAME`. Names have no dots. */
export const databaseRole = (application: string, database: string) => `${database}.${application}`;

/** Roles of the programs around Vault. */
export const BOOTSTRAP_ROLE = "bootstrap";
export const SNAPSHOT_ROLE = "snapshot";

/** The record of the recovery keys, in Vault's bucket. */
export const RECOVERY_KEY = "recovery/init.json";
/** Raft snapshots lie below this, in the same bucket, by the time they were taken. */
export const SNAPSHOT_PREFIX = "snapshots/";

/** Environment variables of those programs. */
export const VAULT_ENV = {
  address: "VAULT_ADDR",
  bucket: "BURSTGRID_VAULT_BUCKET",
  planFile: "BURSTGRID_VAULT_PLAN_FILE",
  tokenFile: "BURSTGRID_VAULT_TOKEN_FILE",
  serverNames: "BURSTGRID_VAULT_SERVER_NAMES",
  trustedIn: "BURSTGRID_VAULT_TRUSTED_IN",
} as const;

const VaultRole = Schema.Struct({
  /** Of the role and of its only policy. */
  name: Schema.String,
  /** Kubernetes service accounts that may log in with it, all of one namespace. */
  serviceAccounts: Schema.Array(Schema.String),
  namespace: Schema.String,
  /** HCL. */
  policy: Schema.String,
  ttlSeconds: Schema.Int,
});
export type VaultRole = typeof VaultRole.Type;

const DatabaseRole = Schema.Struct({
  name: Schema.String,
  /** Name of the connection, which an operator configures: it has a password. */
  connection: Schema.String,
  /** SQL that makes a user; Vault fills in name, password and expiration. */
  creationStatements: Schema.Array(Schema.String),
  ttlSeconds: Schema.Int,
});
export type DatabaseRole = typeof DatabaseRole.Type;

/** What Vault is to hold beside secrets. It has none itself, and may lie in a ConfigMap. */
export const VaultPlan = Schema.Struct({
  /** Where Vault has tokens reviewed. */
  kubernetes: Schema.Struct({
    /** URL of the Kubernetes API as Vault reaches it. */
    host: Schema.String,
    /** Whether Vault runs in that cluster: it asks as its own service account and trusts the cluster's authority. */
    local: Schema.Boolean,
  }),
  roles: Schema.Array(VaultRole),
  databaseRoles: Schema.Array(DatabaseRole),
});
export type VaultPlan = typeof VaultPlan.Type;
