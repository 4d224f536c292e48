import { Schema } from "effect";
import { VAULT } from "#grid/vault.ts";
import type { Logger } from "../log.ts";
import type { ServerNames } from "./certificate.ts";
import { type Certificates, currentCertificates, type KeyPair } from "./certificates.ts";
import { type KubernetesApi, KubernetesError } from "./kubernetes-api.ts";

const Secret = Schema.Struct({ data: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)) });

interface RenewalInput {
  readonly kubernetes: KubernetesApi;
  readonly names: ServerNames;
  /** Namespaces whose pods are to trust Vault: each has the ConfigMap `vault-ca`. */
  readonly trustedIn: readonly string[];
  readonly now: Date;
  readonly log: Logger;
}

/** Sees to it that Vault's servers have a certificate that holds, and clients that of its authority. Repeating it changes nothing. */
export async function renewCertificates({ kubernetes, names, trustedIn, now, log }: RenewalInput): Promise<void> {
  const found = {
    ...optional("authority", await readPair(kubernetes, VAULT.authoritySecret)),
    ...optional("server", await readPair(kubernetes, VAULT.serverSecret)),
  };
  const current = currentCertificates(found, names, now);
  const changed = (["authority", "server"] as const).filter(
    (role) => current[role].certificate !== found[role]?.certificate,
  );
  // The authority first: a server's certificate whose authority is lost could never be renewed, only replaced.
  if (changed.includes("authority")) await kubernetes.patch(secretPath(VAULT.authoritySecret), authorityData(current));
  for (const namespace of trustedIn) {
    if (!(await publish(kubernetes, namespace, current.authority.certificate))) {
      log.warn("no ConfigMap to publish the authority in yet", { namespace, name: VAULT.caConfigMap });
    }
  }
  if (changed.length > 0) await kubernetes.patch(secretPath(VAULT.serverSecret), serverData(current));
  log.info("certificates hold", { renewed: changed });
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

const secretPath = (name: string) => `/api/v1/namespaces/${VAULT.namespace}/secrets/${name}`;

async function readPair(kubernetes: KubernetesApi, secret: string): Promise<KeyPair | undefined> {
  const { data = {} } = Schema.decodeUnknownSync(Secret)(await kubernetes.read(secretPath(secret)));
  const certificate = data[VAULT.certificateFile];
  const privateKey = data[VAULT.privateKeyFile];
  if (certificate === undefined || privateKey === undefined) return undefined;
  return { certificate: fromBase64(certificate), privateKey: fromBase64(privateKey) };
}

const authorityData = ({ authority }: Certificates) => ({ data: pairData(authority) });
const serverData = ({ server, authority }: Certificates) => ({
  data: { ...pairData(server), [VAULT.caFile]: toBase64(authority.certificate) },
});

const pairData = ({ certificate, privateKey }: KeyPair) => ({
  [VAULT.certificateFile]: toBase64(certificate),
  [VAULT.privateKeyFile]: toBase64(privateKey),
});

const toBase64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
const fromBase64 = (text: string) => Buffer.from(text, "base64").toString("utf8");

const optional = <Key extends string, Value>(key: Key, value: Value | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
