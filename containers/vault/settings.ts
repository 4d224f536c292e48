import { Config } from "effect";
import { VAULT_ENV } from "#grid/vault.ts";

/** Of the program that keeps certificates. */
export const certificateSettings = Config.all({
  /** Names that servers are reached by, separated by commas. */
  names: Config.NonEmptyString(VAULT_ENV.serverNames),
  /** Namespaces whose pods trust Vault, separated by commas. */
  trustedIn: Config.NonEmptyString(VAULT_ENV.trustedIn),
});

/** Of the program that sets Vault up. */
export const bootstrapSettings = Config.all({
  /** Of the first server. */
  address: Config.NonEmptyString(VAULT_ENV.address),
  bucket: Config.NonEmptyString(VAULT_ENV.bucket),
  /** File with a VaultPlan. */
  planFile: Config.NonEmptyString(VAULT_ENV.planFile),
  /** File with a token of the service account, for Vault. */
  tokenFile: Config.NonEmptyString(VAULT_ENV.tokenFile),
});

/** Of the program that takes snapshots. */
export const snapshotSettings = Config.all({
  /** Of the active server. */
  address: Config.NonEmptyString(VAULT_ENV.address),
  bucket: Config.NonEmptyString(VAULT_ENV.bucket),
  tokenFile: Config.NonEmptyString(VAULT_ENV.tokenFile),
});
