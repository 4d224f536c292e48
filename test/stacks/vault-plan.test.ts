import { Schema } from "effect";
import { describe, expect, it } from "vitest";
import { ownVault, VaultConfig } from "#grid/config/vault.ts";
import { decodeGrid } from "#grid/config.ts";
import { vaultPlan } from "#stacks/vault/vault-plan.ts";
import { VAULT } from "./vault-fixture.ts";

const decode = Schema.decodeUnknownSync(VaultConfig, { onExcessProperty: "error" });
const TASK = { command: ["true"] };

const plan = () => {
  const settings = ownVault(decode(VAULT))!;
  const grid = decodeGrid(
    {
      pools: { general: {}, gpu: {} },
      applications: { pricing: { task: TASK }, training: { task: TASK, pool: "gpu" } },
    },
    "test",
  );
  return vaultPlan(grid, settings);
};
const role = (name: string) => plan().roles.find((each) => each.name === name)!;
const pathsOf = (name: string) => [...role(name).policy.matchAll(/path "([^"]+)"/g)].map(([, path]) => path);

describe("what Vault holds for a grid", () => {
  it("each application has a role for its pool's workers and the masters, in the grid's namespace", () => {
    expect(role("application-training")).toMatchObject({
      serviceAccounts: ["grid-worker-gpu", "grid-master"],
      namespace: "grid",
    });
  });

  it("an application reads its own secrets and the databases that name it, and may do nothing else", () => {
    expect(pathsOf("application-pricing")).toEqual([
      "secret/data/pricing",
      "secret/data/pricing/*",
      "database/creds/trades.pricing",
    ]);
    expect(pathsOf("application-training")).toEqual(["secret/data/training", "secret/data/training/*"]);
    for (const { name, policy } of plan().roles.filter((each) => each.name.startsWith("application-"))) {
      expect([name, [...policy.matchAll(/capabilities = (.*)/g)].every(([, can]) => can === '["read"]')]).toEqual([
        name,
        true,
      ]);
    }
  });

  it("the bootstrap may read no secret and no database's credentials", () => {
    const paths = pathsOf("bootstrap");
    expect(paths.filter((path) => path!.startsWith("secret/") || path!.startsWith("database/creds"))).toEqual([]);
    expect(paths).not.toContain("*");
  });

  it("the snapshot program may take snapshots and nothing else", () => {
    expect(pathsOf("snapshot")).toEqual(["sys/storage/raft/snapshot"]);
  });

  it("a database user lives as long as its lease and is granted what the config says", () => {
    expect(plan().databaseRoles).toEqual([
      {
        name: "trades.pricing",
        connection: "trades",
        creationStatements: [
          `CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
          'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}"',
        ],
        ttlSeconds: 1800,
      },
    ]);
  });
});

describe("the section `vault`", () => {
  it.each([
    ["an address that is not HTTPS", { address: "http://vault.example.com" }],
    ["settings of a grid's own beside an address", { address: "https://vault.example.com", replicas: 3 }],
    ["four servers", { replicas: 4 }],
    ["a schedule that is none", { snapshotSchedule: "hourly" }],
    ["a database for no application", { databases: { trades: { applications: [] } } }],
  ])("refuses %s", (_, section) => {
    expect(() => decode(section)).toThrow();
  });

  it("is five servers of the grid's own when it is empty, and one that exists when it has an address", () => {
    expect(decode({})).toMatchObject({ replicas: 5, storageGibibytes: 10, auditDays: 365 });
    expect(decode({ address: "https://vault.example.com:8200" })).toEqual({
      address: "https://vault.example.com:8200",
    });
  });
});
