import { RECOVERY_KEY } from "#grid/vault.ts";
import type { RecoveryRecord } from "./recovery-record.ts";

/** How a run of the bootstrap begins. */
export type FirstStep =
  | { readonly step: "initialise" }
  /** An earlier run was cut short: go on with its root token. */
  | { readonly step: "resume"; readonly recoveryKeys: readonly string[]; readonly rootToken: string }
  | { readonly step: "log in" };

/**
 * Decides it from whether this server says that Vault is initialised, and from the record. Vault is never initialised twice: a server
 * that lost its volume says "no" until it has joined the others again, and would start a second Vault beside them. Throws where only an
 * operator can help.
 */
export function firstStep(initialised: boolean, record: RecoveryRecord | undefined): FirstStep {
  if (!initialised) {
    if (record === undefined || record.state === "initialising") return { step: "initialise" };
    throw new Error(
      `the server is not initialised, but ${RECOVERY_KEY} says that Vault was: expected it to join the others; look why it does not, ` +
        "or restore a snapshot (docs/vault.md)",
    );
  }
  // Without a record somebody has moved the recovery keys elsewhere, as docs/vault.md advises.
  if (record === undefined || record.state === "complete") return { step: "log in" };
  if (record.state === "initialised") return { step: "resume", ...record };
  throw new Error(
    `Vault is initialised, but ${RECOVERY_KEY} holds no keys: a run ended between Vault's answer and writing it down. Vault holds ` +
      "nothing yet: delete its volumes and that object, and deploy again (docs/vault.md)",
  );
}
