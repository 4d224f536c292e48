import { isDeepStrictEqual } from "node:util";
import { Schema } from "effect";
import { isApplicationRole, VAULT, type VaultPlan } from "#grid/vault.ts";
import type { VaultClient } from "./vault-client.ts";

/** Name of the audit device: every request and answer, with secrets hashed, as a line on the servers' stdout. */
const AUDIT = "stdout";

const Mounts = Schema.Struct({
  data: Schema.Record(
    Schema.String,
    Schema.Struct({
      type: Schema.String,
      options: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.String))),
    }),
  ),
});
const Settings = Schema.Struct({ data: Schema.Record(Schema.String, Schema.Unknown) });

/** Brings Vault to what the plan says, changing only what differs. Returns the paths that it wrote or deleted. */
export async function reconcile(vault: VaultClient, plan: VaultPlan): Promise<string[]> {
  const { secrets, databases, kubernetesAuth } = VAULT;
  const changes = [
    await mounted(vault, "sys/audit", AUDIT, { type: "file", options: { file_path: "stdout" } }),
    await mounted(vault, "sys/mounts", secrets, { type: "kv", options: { version: "2" } }),
    await mounted(vault, "sys/mounts", databases, { type: "database" }),
    await mounted(vault, "sys/auth", kubernetesAuth, { type: "kubernetes" }),
    await settled(vault, `auth/${kubernetesAuth}/config`, {
      kubernetes_host: plan.kubernetes.host,
      disable_local_ca_jwt: !plan.kubernetes.local,
    }),
  ];
  for (const { name, serviceAccounts, namespace, policy, ttlSeconds } of plan.roles) {
    changes.push(
      await settled(vault, `sys/policies/acl/${name}`, { policy }),
      await settled(vault, `auth/${kubernetesAuth}/role/${name}`, {
        bound_service_account_names: serviceAccounts,
        bound_service_account_namespaces: [namespace],
        audience: VAULT.audience,
        token_policies: [name],
        token_ttl: ttlSeconds,
      }),
    );
  }
  for (const { name, connection, creationStatements, ttlSeconds } of plan.databaseRoles) {
    changes.push(
      await settled(vault, `${databases}/roles/${name}`, {
        db_name: connection,
        creation_statements: creationStatements,
        default_ttl: ttlSeconds,
        max_ttl: 24 * ttlSeconds,
      }),
    );
  }
  return [...changes.filter((change) => change !== undefined), ...(await removed(vault, plan))];
}

interface Mount {
  readonly type: string;
  readonly options?: Readonly<Record<string, string>>;
}

/** Something is mounted under a name. Throws if that is something else. */
async function mounted(vault: VaultClient, kind: string, name: string, wanted: Mount): Promise<string | undefined> {
  const path = `${kind}/${name}`;
  const found = Schema.decodeUnknownSync(Mounts)(await vault.read(kind)).data[`${name}/`];
  if (found === undefined) {
    await vault.write(path, wanted);
    return path;
  }
  const same =
    found.type === wanted.type &&
    Object.entries(wanted.options ?? {}).every(([option, value]) => found.options?.[option] === value);
  if (!same) throw new Error(`${path}: expected ${JSON.stringify(wanted)}, came ${JSON.stringify(found)}`);
  return undefined;
}

/** A path has these settings; others of it do not matter. */
async function settled(
  vault: VaultClient,
  path: string,
  wanted: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const answer = await vault.read(path);
  if (answer !== undefined) {
    const { data } = Schema.decodeUnknownSync(Settings)(answer);
    if (Object.entries(wanted).every(([field, value]) => isDeepStrictEqual(data[field], value))) return undefined;
  }
  await vault.write(path, wanted);
  return path;
}

/** What applications had that are in the config no more, or databases that they may use no more. The role goes before its policy. */
async function removed(vault: VaultClient, { roles, databaseRoles }: VaultPlan): Promise<string[]> {
  const kept = new Set(roles.map(({ name }) => name));
  const keptUsers = new Set(databaseRoles.map(({ name }) => name));
  const stale = async (path: string, isStale: (name: string) => boolean) =>
    (await vault.list(path)).filter(isStale).map((name) => `${path}/${name}`);
  const applicationsGone = (name: string) => isApplicationRole(name) && !kept.has(name);
  const paths = [
    ...(await stale(`auth/${VAULT.kubernetesAuth}/role`, applicationsGone)),
    ...(await stale("sys/policies/acl", applicationsGone)),
    ...(await stale(`${VAULT.databases}/roles`, (name) => name.includes(".") && !keptUsers.has(name))),
  ];
  for (const path of paths) await vault.delete(path);
  return paths;
}
