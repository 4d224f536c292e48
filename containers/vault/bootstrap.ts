import { Schema } from "effect";
import { BOOTSTRAP_ROLE, type VaultPlan } from "#grid/vault.ts";
import type { Logger } from "../log.ts";
import { firstStep } from "./first-step.ts";
import { logIn } from "./login.ts";
import { reconcile } from "./reconcile.ts";
import type { RecoveryStore } from "./recovery-record.ts";
import type { VaultClient } from "./vault-client.ts";
import { eventually } from "./waiting.ts";

/** Any three of five holders of recovery keys can make a root token. */
const RECOVERY = { recovery_shares: 5, recovery_threshold: 3 } as const;

const PATIENCE = { everyMs: 2_000, forMs: 15 * 60_000 };

const Initialised = Schema.Struct({ initialized: Schema.Boolean });
const Seal = Schema.Struct({ sealed: Schema.Boolean });
const Leader = Schema.Struct({ leader_address: Schema.String });
const Init = Schema.Struct({ recovery_keys_base64: Schema.Array(Schema.String), root_token: Schema.String });

interface BootstrapInput {
  /** The first server: it is the one that is initialised, and the others join it. */
  readonly vault: VaultClient;
  readonly recovery: RecoveryStore;
  readonly plan: VaultPlan;
  /** Gives a token of this pod's service account for Vault. */
  readonly jwt: () => Promise<string>;
  readonly log: Logger;
  readonly patience?: typeof PATIENCE;
}

/**
 * Makes Vault ready for the grid: initialised once, with audit log, secrets, databases, and a role for each application. It may be cut
 * short and repeated at any point. Returns the paths that it changed.
 */
export async function bootstrap({
  vault,
  recovery,
  plan,
  jwt,
  log,
  patience = PATIENCE,
}: BootstrapInput): Promise<string[]> {
  const initialised = await eventually(
    "an answer of Vault",
    patience,
    async () => Schema.decodeUnknownSync(Initialised)(await vault.read("sys/init")).initialized,
  );
  let next = firstStep(initialised, await recovery.read());
  if (next.step === "initialise") {
    next = { step: "resume", ...(await initialise(vault, recovery)) };
    log.info("Vault is initialised");
  }
  await eventually("Vault to unseal itself and choose a leader", patience, () => isActive(vault));
  if (next.step === "log in") {
    const own = vault.as(await logIn(vault, BOOTSTRAP_ROLE, await jwt()));
    const changes = await reconcile(own, plan);
    await own.write("auth/token/revoke-self", {});
    log.info("Vault is as planned", { changes });
    return changes;
  }
  const root = vault.as(next.rootToken);
  const changes = await reconcile(root, plan);
  await root.write("auth/token/revoke-self", {});
  await recovery.write({ state: "complete", recoveryKeys: next.recoveryKeys });
  log.info("Vault is as planned, the root token is revoked", { changes });
  return changes;
}

async function initialise(vault: VaultClient, recovery: RecoveryStore) {
  await recovery.write({ state: "initialising" });
  const answer = Schema.decodeUnknownSync(Init)(await vault.write("sys/init", RECOVERY));
  const kept = { recoveryKeys: answer.recovery_keys_base64, rootToken: answer.root_token };
  await recovery.write({ state: "initialised", ...kept });
  return kept;
}

async function isActive(vault: VaultClient): Promise<true | undefined> {
  const { sealed } = Schema.decodeUnknownSync(Seal)(await vault.read("sys/seal-status"));
  if (sealed) return undefined;
  const { leader_address } = Schema.decodeUnknownSync(Leader)(await vault.read("sys/leader"));
  return leader_address === "" ? undefined : true;
}
