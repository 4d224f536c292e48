import { Schema } from "effect";
import { DurationText, LogDays, Name, Positive, withDefault } from "./fields.ts";

/** A PostgreSQL database for which Vault makes users that live for one lease. */
const Database = Schema.Struct({
  /** TCP port that Vault connects to. Default 5432. */
  port: withDefault(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 })), 5432),
  /** Applications that may have a user. */
  applications: Schema.Array(Name).check(Schema.isMinLength(1), Schema.isUnique()),
  /** What a user is granted, as SQL has it after GRANT. Default reading every table of the schema `public`. */
  grants: withDefault(Schema.Array(Schema.NonEmptyString).check(Schema.isMinLength(1)), [
    "SELECT ON ALL TABLES IN SCHEMA public",
  ]),
  /** How long a user lives unless its lease is renewed. Default "1 hour". */
  lease: withDefault(DurationText, "1 hour"),
});

const OwnVault = Schema.Struct({
  /** Servers, over all zones: 5 go on without any two, 3 without any one. Default 5. */
  replicas: withDefault(Schema.Literals([3, 5]), 5),
  /** Encrypted volume of each server ($0.08 a GiB a month). Default 10. */
  storageGibibytes: withDefault(Positive, 10),
  /** When raft snapshots are taken: cron, in UTC. Default every hour: "17 * * * *". */
  snapshotSchedule: withDefault(
    Schema.String.check(
      Schema.isPattern(/^(\S+ ){4}\S+$/, { message: 'expected five cron fields such as "17 * * * *"' }),
    ),
    "17 * * * *",
  ),
  /** Days that snapshots are kept ($0.023 a GB a month). Default 30. */
  snapshotDays: withDefault(Positive, 30),
  /** Days that the audit log is kept ($0.50 a GB taken in). Default 365. */
  auditDays: withDefault(LogDays, 365),
  /** Databases by name. Their connections have passwords, so an operator gives them to Vault (docs/vault.md). Default none. */
  databases: withDefault(Schema.Record(Name, Database), {}),
});
export type OwnVault = typeof OwnVault.Type;

const ExistingVault = Schema.Struct({
  /** HTTPS, as workers reach it, e.g. "https://vault.example.com:8200". */
  address: Schema.String.check(
    Schema.isPattern(/^https:\/\/[a-z0-9.-]+(:\d+)?$/, {
      message: 'expected an HTTPS address without a path, such as "https://vault.example.com:8200"',
    }),
  ),
  /** Certificate (PEM) of the authority that its own is of. Default: those that Node.js trusts. */
  caCertificate: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^-----BEGIN CERTIFICATE-----\n/))),
});

/**
 * Vault: `{}` for one of the grid's own, `{ address }` for one that exists. Without the section there is none. One of its own costs at
 * rest, for five servers (us-east-1 list prices, a month): volumes $4, snapshots and audit log under $1, and room on the system nodes:
 * with one node each ($74) two more than the default three.
 */
export const VaultConfig = Schema.Union([ExistingVault, OwnVault]);
export type VaultConfig = typeof VaultConfig.Type;

/** The settings of a Vault of the grid's own; undefined where there is none, or one that exists. */
export const ownVault = (vault: VaultConfig | undefined): OwnVault | undefined =>
  vault === undefined || "address" in vault ? undefined : vault;
