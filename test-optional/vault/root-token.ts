import { randomBytes } from "node:crypto";
import type { VaultClient } from "#containers/vault/vault-client.ts";

interface Attempt {
  readonly nonce: string;
  readonly otp_length: number;
  readonly encoded_token: string;
}

/** A root token made of recovery keys, as their holders would (`vault operator generate-root`). */
export async function rootTokenOf(vault: VaultClient, recoveryKeys: readonly string[]): Promise<string> {
  const { otp_length } = (await vault.read("sys/generate-root/attempt")) as Attempt;
  const otp = randomBytes(otp_length).toString("hex").slice(0, otp_length);
  const { nonce } = (await vault.write("sys/generate-root/attempt", { otp })) as Attempt;
  let last: Attempt | undefined;
  for (const key of recoveryKeys) last = (await vault.write("sys/generate-root/update", { key, nonce })) as Attempt;
  const encoded = Buffer.from(last?.encoded_token ?? "", "base64");
  return Buffer.from(encoded.map((byte, at) => byte ^ otp.charCodeAt(at))).toString();
}
