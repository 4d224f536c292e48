import { describe, expect, it } from "vitest";
import { jsonLogger } from "#containers/log.ts";
import { bootstrap } from "#containers/vault/bootstrap.ts";
import type { RecoveryRecord } from "#containers/vault/recovery-record.ts";
import type { VaultClient } from "#containers/vault/vault-client.ts";

const PLAN = { kubernetes: { host: "https://kubernetes.default.svc", local: true }, roles: [], databaseRoles: [] };
const PATIENCE = { everyMs: 1, forMs: 50 };

/** A Vault that remembers what it was asked, up to the request that `fails`. */
function scripted({ initialised = false, sealed = false, fails = "" } = {}) {
  const asked: string[] = [];
  const ask = (request: string): void => {
    if (request === fails) throw new Error(`no answer to ${request}`);
    asked.push(request);
  };
  const answers: Record<string, unknown> = {
    "sys/init": { initialized: initialised },
    "sys/seal-status": { sealed },
    "sys/leader": { leader_address: "https://vault-0" },
  };
  const client: VaultClient = {
    read: async (path) => answers[path] ?? { data: {} },
    list: async () => [],
    write: async (path) => {
      ask(path);
      if (path === "sys/init") return { recovery_keys_base64: ["key"], root_token: "hvs.root" };
      return { auth: { client_token: "hvs.own" } };
    },
    delete: async (path) => ask(path),
    as: () => client,
  };
  return { client, asked };
}

const start = (vault: VaultClient, written: RecoveryRecord[], lines: string[] = []) =>
  bootstrap({
    vault,
    recovery: {
      read: async () => written.at(-1),
      write: async (record) => void written.push(record),
    },
    plan: PLAN,
    jwt: async () => "jwt",
    log: jsonLogger((line) => void lines.push(line)),
    patience: PATIENCE,
  });

describe("bootstrap", () => {
  it("proves that it can write the record before Vault is initialised, and keeps the keys before anything else is done", async () => {
    const { client, asked } = scripted();
    const written: RecoveryRecord[] = [];
    const lines: string[] = [];
    await start(client, written, lines);
    expect(written.map(({ state }) => state)).toEqual(["initialising", "initialised", "complete"]);
    expect(written.at(-1)).toEqual({ state: "complete", recoveryKeys: ["key"] });
    expect([asked[0], asked.at(-1)]).toEqual(["sys/init", "auth/token/revoke-self"]);
    expect(lines.join("")).not.toContain("hvs.");
  });

  it("does not initialise Vault when the record cannot be written", async () => {
    const { client, asked } = scripted();
    const refused = bootstrap({
      vault: client,
      recovery: { read: async () => undefined, write: () => Promise.reject(new Error("AccessDenied")) },
      plan: PLAN,
      jwt: async () => "jwt",
      log: jsonLogger(() => {}),
      patience: PATIENCE,
    });
    await expect(refused).rejects.toThrow("AccessDenied");
    expect(asked).toEqual([]);
  });

  it("cut short at any request, the next run ends with the record complete and no root token left", async () => {
    const { client, asked } = scripted();
    await start(client, []);
    for (const fails of asked.slice(1)) {
      const written: RecoveryRecord[] = [];
      await expect(start(scripted({ fails }).client, written)).rejects.toThrow("no answer");
      await start(scripted({ initialised: true }).client, written);
      expect(written.at(-1)).toEqual({ state: "complete", recoveryKeys: ["key"] });
    }
  });

  it("says what it waited for when Vault stays sealed", async () => {
    const { client } = scripted({ initialised: true, sealed: true });
    await expect(start(client, [])).rejects.toThrow("for Vault to unseal itself and choose a leader, in vain");
  });
});
