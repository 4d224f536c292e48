import { secondsOf } from "#grid/config/fields.ts";
import type { OwnVault } from "#grid/config/vault.ts";
import type { Grid } from "#grid/config.ts";
import { MASTER_SERVICE_ACCOUNT, NAMESPACE } from "#grid/names.ts";
import {
  applicationRole,
  BOOTSTRAP_ROLE,
  type DatabaseRole,
  databaseRole,
  SNAPSHOT_ROLE,
  VAULT,
  type VaultPlan,
  type VaultRole,
} from "#grid/vault.ts";
import { workerName } from "../kubernetes/names.ts";
import { BOOTSTRAP_ACCOUNT, SNAPSHOT_ACCOUNT } from "./vault-names.ts";

/** An application's token lives this long unless renewed, one of a program around Vault no longer than its run. */
const APPLICATION_SECONDS = 3600;
const PROGRAM_SECONDS = 1200;

/** What Vault holds for a grid: a role for each application, and one for each program around Vault. */
export function vaultPlan(grid: Pick<Grid, "applications">, vault: OwnVault): VaultPlan {
  const databaseRoles = Object.entries(vault.databases).flatMap(([database, settings]) =>
    settings.applications.map((application) => userOf(application, database, settings)),
  );
  return {
    kubernetes: { host: "https://kubernetes.default.svc", local: true },
    roles: [
      programRole(BOOTSTRAP_ROLE, BOOTSTRAP_ACCOUNT, BOOTSTRAP_POLICY),
      programRole(SNAPSHOT_ROLE, SNAPSHOT_ACCOUNT, allow("sys/storage/raft/snapshot", "read")),
      ...Object.entries(grid.applications).map(([application, { pool }]) => ({
        name: applicationRole(application),
        serviceAccounts: [workerName(pool), MASTER_SERVICE_ACCOUNT],
        namespace: NAMESPACE,
        policy: applicationPolicy(
          application,
          Object.entries(vault.databases)
            .filter(([, { applications }]) => applications.includes(application))
            .map(([database]) => database),
        ),
        ttlSeconds: APPLICATION_SECONDS,
      })),
    ],
    databaseRoles,
  };
}

/** Reads the application's own secrets and database credentials; no list, no write, nothing of another's. */
const applicationPolicy = (application: string, databases: readonly string[]) =>
  [
    allow(`${VAULT.secrets}/data/${application}`, "read"),
    allow(`${VAULT.secrets}/data/${application}/*`, "read"),
    ...databases.map((database) => allow(`${VAULT.databases}/creds/${databaseRole(application, database)}`, "read")),
  ].join("\n");

const userOf = (
  application: string,
  database: string,
  { grants, lease }: OwnVault["databases"][string],
): DatabaseRole => ({
  name: databaseRole(application, database),
  connection: database,
  creationStatements: [
    `CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
    ...grants.map((grant) => `GRANT ${grant} TO "{{name}}"`),
  ],
  ttlSeconds: secondsOf(lease),
});

const programRole = (name: string, account: string, policy: string): VaultRole => ({
  name,
  serviceAccounts: [account],
  namespace: VAULT.namespace,
  policy,
  ttlSeconds: PROGRAM_SECONDS,
});

const allow = (path: string, ...capabilities: readonly string[]) =>
  `path "${path}" {\n  capabilities = [${capabilities.map((capability) => `"${capability}"`).join(", ")}]\n}`;

/** Keeps mounts, roles and policies as planned. It reads no secret; whoever may write policies could, so nobody else has this role. */
const BOOTSTRAP_POLICY = [
  allow("sys/audit", "read", "sudo"),
  allow("sys/audit/*", "create", "update", "sudo"),
  allow("sys/mounts", "read"),
  allow("sys/mounts/*", "create", "update"),
  allow("sys/auth", "read"),
  allow("sys/auth/*", "create", "update", "sudo"),
  allow("sys/policies/acl", "list"),
  allow("sys/policies/acl/*", "create", "read", "update", "delete"),
  allow(`auth/${VAULT.kubernetesAuth}/config`, "create", "read", "update"),
  allow(`auth/${VAULT.kubernetesAuth}/role`, "list"),
  allow(`auth/${VAULT.kubernetesAuth}/role/*`, "create", "read", "update", "delete"),
  allow(`${VAULT.databases}/roles`, "list"),
  allow(`${VAULT.databases}/roles/*`, "create", "read", "update", "delete"),
].join("\n");
