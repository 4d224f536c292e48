import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { currentCertificates } from "#containers/vault/certificates.ts";
import { vaultClient } from "#containers/vault/vault-client.ts";
import { freePorts, stop } from "./processes.ts";

/** The program `vault`: VAULT_BINARY, else the one on the path. */
const VAULT = process.env["VAULT_BINARY"] ?? "vault";
const SEAL_TOKEN = "seal";

export interface VaultServers extends AsyncDisposable {
  /** Of each server, the first one first. */
  readonly addresses: readonly string[];
  /** File with the certificate of the authority that theirs are of. */
  readonly authority: string;
  /** Renews the servers' certificate as the product does, and tells them to read it. Returns the new one. */
  renewCertificate(): Promise<string>;
}

/**
 * Three new Vault servers as the stack makes them: TLS with certificates of the product's own making, raft storage, and unsealed by
 * another party. In place of KMS that is a fourth Vault (`transit`); to the others it is the same kind of seal.
 */
export async function startVaultServers(): Promise<VaultServers> {
  const folder = await mkdtemp(join(tmpdir(), "burstgrid-vault-servers-"));
  const children: ChildProcess[] = [];
  const start = (name: string, ...args: string[]) => {
    const child = spawn(VAULT, ["server", ...args], { stdio: "ignore", env: { HOME: folder } });
    child.on("error", (error) => {
      throw new Error(`${name}: ${error.message}: set VAULT_BINARY to a Vault server's program`);
    });
    children.push(child);
    return child;
  };
  const [sealPort, ...ports] = await freePorts(7);
  const seal = `http://127.0.0.1:${sealPort}`;
  start(
    "seal",
    "-dev",
    "-dev-no-store-token",
    `-dev-root-token-id=${SEAL_TOKEN}`,
    `-dev-listen-address=127.0.0.1:${sealPort}`,
  );
  const transit = vaultClient(seal, SEAL_TOKEN);
  await vi.waitFor(() => transit.read("sys/health"), { timeout: 20_000 });
  await transit.write("sys/mounts/transit", { type: "transit" });
  await transit.write("transit/keys/unseal", {});

  const { authority, server } = currentCertificates({}, ["127.0.0.1"], new Date());
  const file = (name: string) => join(folder, name);
  await writeFile(file("ca.crt"), authority.certificate);
  await writeFile(file("tls.crt"), server.certificate);
  await writeFile(file("tls.key"), server.privateKey);
  const addresses = ports.slice(0, 3).map((port) => `https://127.0.0.1:${port}`);
  const servers: ChildProcess[] = [];
  for (const [ordinal, address] of addresses.entries()) {
    const data = file(`data-${ordinal}`);
    await mkdir(data);
    const config = `
      disable_mlock = true
      api_addr = "${address}"
      cluster_addr = "https://127.0.0.1:${ports[3 + ordinal]}"
      listener "tcp" {
        address = "${address.slice("https://".length)}"
        cluster_address = "127.0.0.1:${ports[3 + ordinal]}"
        tls_cert_file = "${file("tls.crt")}"
        tls_key_file = "${file("tls.key")}"
        tls_min_version = "tls13"
      }
      storage "raft" {
        path = "${data}"
        node_id = "vault-${ordinal}"
        ${addresses.map((leader) => `retry_join { leader_api_addr = "${leader}" leader_ca_cert_file = "${file("ca.crt")}" }`.replaceAll(/ (leader_|\})/g, "\n$1")).join("\n")}
      }
      seal "transit" {
        address = "${seal}"
        token = "${SEAL_TOKEN}"
        disable_renewal = "true"
        key_name = "unseal"
        mount_path = "transit/"
      }`;
    await writeFile(file(`vault-${ordinal}.hcl`), config);
    servers.push(start(`vault-${ordinal}`, `-config=${file(`vault-${ordinal}.hcl`)}`));
  }
  return {
    addresses,
    authority: file("ca.crt"),
    renewCertificate: async () => {
      const renewed = currentCertificates({ authority }, ["127.0.0.1"], new Date()).server;
      await writeFile(file("tls.crt"), renewed.certificate);
      await writeFile(file("tls.key"), renewed.privateKey);
      for (const child of servers) child.kill("SIGHUP");
      return renewed.certificate;
    },
    [Symbol.asyncDispose]: async () => {
      await stop(children);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
