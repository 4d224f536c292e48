import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, getCACertificates, setDefaultCACertificates } from "node:tls";
import { gunzipSync } from "node:zlib";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { Schema } from "effect";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { logIn } from "#containers/vault/login.ts";
import { s3RecoveryStore } from "#containers/vault/recovery-record.ts";
import { type VaultClient, vaultClient } from "#containers/vault/vault-client.ts";
import { ownVault, VaultConfig } from "#grid/config/vault.ts";
import { decodeGrid } from "#grid/config.ts";
import { VAULT_ENV, type VaultPlan } from "#grid/vault.ts";
import { startGateway } from "#local/gateway.ts";
import { openObjects } from "#local/objects.ts";
import { bundlePrograms } from "#stacks/vault/program-image.ts";
import { vaultPlan } from "#stacks/vault/vault-plan.ts";
import { ADMIN, type Postgres, startPostgres } from "./postgres.ts";
import { run } from "./processes.ts";
import { rootTokenOf } from "./root-token.ts";
import { startTokenReview, type TokenReview } from "./token-review.ts";
import { startVaultServers, type VaultServers } from "./vault-servers.ts";

interface Health {
  readonly initialized: boolean;
  readonly sealed: boolean;
}

interface RaftConfiguration {
  readonly data: { readonly config: { readonly servers: readonly { readonly node_id: string }[] } };
}

const BUCKET = "vault";
const TASK = { command: ["true"] };
const APPLICATIONS = { pricing: { task: TASK }, training: { task: TASK, pool: "gpu" } };

let stack: AsyncDisposableStack;
let folder: string;
let vault: VaultServers;
let kubernetes: TokenReview;
let postgres: Postgres;
let programs: string;
let s3: S3Client;
let s3Address: string;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), "burstgrid-test-vault-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const gateway = stack.adopt(await startGateway({ port: 0 }), (opened) => opened.close());
  stack.adopt(openObjects({ gateway, folder: join(folder, "objects") }), (opened) => opened.close());
  s3Address = gateway.origin;
  s3 = stack.adopt(
    new S3Client({
      endpoint: s3Address,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    }),
    (client) => client.destroy(),
  );
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  programs = join(stack.use(await bundlePrograms()).path, "vault.mjs");
  kubernetes = stack.use(await startTokenReview());
  postgres = stack.use(await startPostgres());
  vault = stack.use(await startVaultServers());
  setDefaultCACertificates([...getCACertificates(), await readFile(vault.authority, "utf8")]);
});
afterAll(() => stack.disposeAsync());

const planOf = (applications: object): VaultPlan => {
  const settings = ownVault(
    Schema.decodeUnknownSync(VaultConfig)({ databases: { trades: { applications: ["pricing"] } } }),
  )!;
  const grid = decodeGrid({ pools: { general: {}, gpu: {} }, applications }, "test");
  return { ...vaultPlan(grid, settings), kubernetes: { host: kubernetes.address, local: false } };
};

/** One of the programs, as its pod runs it. Returns the last line that it logged. */
async function program(name: string, account: string, plan = planOf(APPLICATIONS)): Promise<Record<string, unknown>> {
  const planFile = join(folder, "plan.json");
  const tokenFile = join(folder, "token");
  await writeFile(planFile, JSON.stringify(plan));
  await writeFile(tokenFile, kubernetes.token("vault", account));
  const { code, stdout } = await run(process.execPath, [programs, name], {
    env: {
      AWS_ENDPOINT_URL: s3Address,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      NODE_EXTRA_CA_CERTS: vault.authority,
      [VAULT_ENV.address]: vault.addresses[0]!,
      [VAULT_ENV.bucket]: BUCKET,
      [VAULT_ENV.planFile]: planFile,
      [VAULT_ENV.tokenFile]: tokenFile,
    },
  });
  expect(stdout).not.toMatch(/hvs\.|root_token/);
  expect([code, stdout]).toEqual([0, expect.any(String)]);
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}
const bootstrap = (plan?: VaultPlan) => program("bootstrap", "vault-bootstrap", plan);

const server = (): VaultClient => vaultClient(vault.addresses[0]!);
const as = async (namespace: string, account: string, role: string, audience?: string) =>
  server().as(await logIn(server(), role, kubernetes.token(namespace, account, audience)));
const root = async (): Promise<VaultClient> => {
  const record = await s3RecoveryStore(s3, BUCKET).read();
  if (record?.state !== "complete") throw new Error(`expected a complete record, came ${record?.state}`);
  return server().as(await rootTokenOf(server(), record.recoveryKeys.slice(0, 3)));
};

test("a new Vault is initialised once, unsealed by itself, and as planned; no root token is left", async () => {
  const first = await bootstrap();
  expect(first["changes"]).toEqual(
    expect.arrayContaining(["sys/audit/stdout", "sys/mounts/secret", "auth/kubernetes/role/application-pricing"]),
  );
  expect(await s3RecoveryStore(s3, BUCKET).read()).toEqual({
    state: "complete",
    recoveryKeys: Array.from({ length: 5 }, () => expect.any(String)),
  });
});

test("every server has joined and unsealed itself", async () => {
  for (const address of vault.addresses) {
    await vi.waitFor(
      async () => {
        const { initialized, sealed } = (await vaultClient(address).read("sys/health")) as Health;
        expect([initialized, sealed]).toEqual([true, false]);
      },
      { timeout: 30_000 },
    );
  }
  const admin = await root();
  const members = async () => {
    const { data } = (await admin.read("sys/storage/raft/configuration")) as RaftConfiguration;
    return data.config.servers.map(({ node_id }) => node_id).toSorted();
  };
  await vi.waitFor(async () => expect(await members()).toEqual(["vault-0", "vault-1", "vault-2"]), { timeout: 30_000 });
});

test("a second run, logged in by its service account, changes nothing", async () => {
  expect(await bootstrap()).toMatchObject({ message: "Vault is as planned", changes: [] });
});

test("an application reads its own secrets and no others, and writes none", async () => {
  const admin = await root();
  for (const application of ["pricing", "training"]) {
    await vi.waitFor(() => admin.write(`secret/data/${application}/market`, { data: { token: application } }));
  }
  const pricing = await as("grid", "grid-worker-general", "application-pricing");
  expect(await pricing.read("secret/data/pricing/market")).toMatchObject({ data: { data: { token: "pricing" } } });
  const refused = [
    () => pricing.read("secret/data/training/market"),
    () => pricing.write("secret/data/pricing/market", { data: {} }),
    () => pricing.read("sys/policies/acl/application-pricing"),
    () => pricing.read("database/creds/trades.training"),
  ];
  for (const ask of refused) await expect(ask()).rejects.toMatchObject({ status: 403 });
});

test.each([
  ["of another pool", "grid", "grid-worker-gpu", "vault"],
  ["of another namespace", "default", "grid-worker-general", "vault"],
  ["meant for the Kubernetes API", "grid", "grid-worker-general", "https://kubernetes.default.svc"],
])("a token %s does not log in as an application", async (_, namespace, account, audience) => {
  await expect(as(namespace, account, "application-pricing", audience)).rejects.toThrow(
    "Vault POST auth/kubernetes/login",
  );
});

test("an application gets a database user of its own, which may do what the config grants", async () => {
  const admin = await root();
  await postgres.query(ADMIN.user, "", "CREATE TABLE trade AS SELECT 7 AS size");
  await admin.write("database/config/trades", {
    plugin_name: "postgresql-database-plugin",
    connection_url: `postgresql://{{username}}:{{password}}@127.0.0.1:${postgres.port}/postgres?sslmode=disable`,
    allowed_roles: ["trades.*"],
    username: ADMIN.user,
    password: ADMIN.password,
  });
  const pricing = await as("grid", "grid-worker-general", "application-pricing");
  const { data } = (await pricing.read("database/creds/trades.pricing")) as {
    readonly data: { readonly username: string; readonly password: string };
  };
  expect(await postgres.query(data.username, data.password, "SELECT size FROM trade")).toBe("7");
  await expect(postgres.query(data.username, data.password, "DELETE FROM trade")).rejects.toThrow("exit code");
});

test("a snapshot of the storage is in the bucket", async () => {
  await program("snapshot", "vault-snapshot");
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "snapshots/" }));
  expect(Contents.map(({ Key }) => Key)).toEqual([expect.stringMatching(/^snapshots\/\d{4}-\d\d-\d\dT.*Z\.snap$/)]);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: Contents[0]!.Key! }));
  expect(gunzipSync(await Body!.transformToByteArray()).includes("meta.json")).toBe(true);
});

test("a run that was cut short is finished with the root token that it had kept, which is then revoked", async () => {
  const store = s3RecoveryStore(s3, BUCKET);
  const record = await store.read();
  if (record?.state !== "complete") throw new Error("expected a complete record");
  const rootToken = await rootTokenOf(server(), record.recoveryKeys.slice(2));
  await store.write({ state: "initialised", recoveryKeys: record.recoveryKeys, rootToken });
  expect(await bootstrap()).toMatchObject({ message: "Vault is as planned, the root token is revoked" });
  expect(await store.read()).toEqual(record);
  await expect(server().as(rootToken).read("auth/token/lookup-self")).rejects.toMatchObject({ status: 403 });
});

test("an application that left the config loses its role and its policy, and nobody else does", async () => {
  expect(await bootstrap(planOf({ pricing: APPLICATIONS.pricing }))).toMatchObject({
    changes: ["auth/kubernetes/role/application-training", "sys/policies/acl/application-training"],
  });
  await expect(as("grid", "grid-worker-gpu", "application-training")).rejects.toMatchObject({ status: 400 });
  await expect(as("grid", "grid-worker-general", "application-pricing")).resolves.toBeDefined();
});

/** Fingerprint of the certificate that a server shows to whoever trusts the authority. */
const shown = (address: string) =>
  new Promise<string>((done, fail) => {
    const { hostname, port } = new URL(address);
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      done(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    }).on("error", fail);
  });

test("a renewed certificate is served without a restart, and clients trust it as before", async () => {
  const { fingerprint256 } = new X509Certificate(await vault.renewCertificate());
  for (const address of vault.addresses) {
    await vi.waitFor(async () => expect(await shown(address)).toBe(fingerprint256), { timeout: 20_000 });
  }
  expect(await bootstrap(planOf({ pricing: APPLICATIONS.pricing }))).toMatchObject({ changes: [] });
});
