import { Schema } from "effect";
import { VAULT } from "#grid/vault.ts";
import type { Logger } from "../log.ts";
import type { ServerNames } from "./certificate.ts";
import { currentCertificates, type KeyPair } from "./certificates.ts";
import { type KubernetesApi, KubernetesError } from "./kubernetes-api.ts";

const Secret = Schema.Struct({
  metadata: Schema.Struct({ resourceVersion: Schema.String }),
  data: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
});

interface RenewalInput {
  readonly kubernetes: KubernetesApi;
  readonly names: ServerNames;
  /** Namespaces whose pods are to trust Vault: each has the ConfigMap `vault-ca`. */
  readonly trustedIn: readonly string[];
  readonly now: Date;
  readonly log: Logger;
}

/**
 * Sees to it that Vault's servers have a certificate that holds, and clients that of its authority. Repeating it changes nothing. Of two
 * runs at a time one fails (status 409) before it has changed anything that the other made.
 */
export async function renewCertificates({ kubernetes, names, trustedIn, now, log }: RenewalInput): Promise<void> {
  const secrets = {
    authority: await readSecret(kubernetes, VAULT.authoritySecret),
    server: await readSecret(kubernetes, VAULT.serverSecret),
  };
  const current = currentCertificates({ authority: secrets.authority.pair, server: secrets.server.pair }, names, now);
  const renewed = (["authority", "server"] as const).filter((role) => current[role] !== secrets[role].pair);
  // The authority first: a server's certificate whose authority was lost could not be renewed, only replaced.
  if (renewed.includes("authority")) await secrets.authority.write(dataOf(current.authority));
  for (const namespace of trustedIn) {
    if (!(await publish(kubernetes, namespace, current.authority.certificate))) {
      log.warn("no ConfigMap to publish the authority in yet", { namespace, name: VAULT.caConfigMap });
    }
  }
  if (renewed.includes("server")) {
    await secrets.server.write({ ...dataOf(current.server), [VAULT.caFile]: current.authority.certificate });
  }
  log.info("certificates hold", { renewed });
}

/** False where the namespace does not ask for it yet: the grid's is made after Vault. */
async function publish(kubernetes: KubernetesApi, namespace: string, authority: string): Promise<boolean> {
  try {
    await kubernetes.patch(`/api/v1/namespaces/${namespace}/configmaps/${VAULT.caConfigMap}`, {
      data: { [VAULT.caFile]: authority },
    });
    return true;
  } catch (error) {
    if (error instanceof KubernetesError && (error.status === 403 || error.status === 404)) return false;
    throw error;
  }
}

/** A Secret as it is now, and how to write it unless somebody else has since. */
async function readSecret(kubernetes: KubernetesApi, name: string) {
  const path = `/api/v1/namespaces/${VAULT.namespace}/secrets/${name}`;
  const { metadata, data = {} } = Schema.decodeUnknownSync(Secret)(await kubernetes.read(path));
  return {
    pair: pairOf(data),
    write: (texts: Readonly<Record<string, string>>) =>
      kubernetes.patch(path, {
        metadata: { resourceVersion: metadata.resourceVersion },
        data: Object.fromEntries(
          Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
        ),
      }),
  };
}

function pairOf(data: Readonly<Record<string, string>>): KeyPair | undefined {
  const certificate = data[VAULT.certificateFile];
  const privateKey = data[VAULT.privateKeyFile];
  if (certificate === undefined || privateKey === undefined) return undefined;
  return { certificate: textOf(certificate), privateKey: textOf(privateKey) };
}

const textOf = (base64: string) => Buffer.from(base64, "base64").toString("utf8");

const dataOf = ({ certificate, privateKey }: KeyPair) => ({
  [VAULT.certificateFile]: certificate,
  [VAULT.privateKeyFile]: privateKey,
});
