import { Schema } from "effect";
import { VAULT } from "#grid/vault.ts";
import type { VaultClient } from "./vault-client.ts";

const Login = Schema.Struct({ auth: Schema.Struct({ client_token: Schema.String }) });

/** A Vault token for a role, by a token of this pod's service account. */
export async function logIn(vault: VaultClient, role: string, jwt: string): Promise<string> {
  const answer = await vault.write(`auth/${VAULT.kubernetesAuth}/login`, { role, jwt });
  return Schema.decodeUnknownSync(Login)(answer).auth.client_token;
}
