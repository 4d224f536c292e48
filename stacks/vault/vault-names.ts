import { VAULT } from "#grid/vault.ts";

/** Of the chart's objects: the headless service gives each server a name of its own. */
const HEADLESS = `${VAULT.namespace}-internal`;
const SUFFIXES = ["", ".svc", ".svc.cluster.local"];

/** Service accounts in Vault's namespace. */
export const SERVER_ACCOUNT = VAULT.namespace;
export const BOOTSTRAP_ACCOUNT = "vault-bootstrap";
export const CERTIFICATES_ACCOUNT = "vault-certificates";
export const SNAPSHOT_ACCOUNT = "vault-snapshot";

/** Labels of the chart's server pods. */
export const SERVER_LABELS = {
  "app.kubernetes.io/name": "vault",
  "app.kubernetes.io/instance": VAULT.namespace,
  component: "server",
};

/** Nodes that are there before Vault, on demand and over all zones: spot nodes are not for Vault. */
export const SYSTEM_NODES = { "burstgrid/nodes": "system" };

/** Address of one server, as other servers and the bootstrap reach it. */
export const serverAddress = (ordinal: number) =>
  `https://${VAULT.namespace}-${ordinal}.${HEADLESS}.${VAULT.namespace}.svc:${VAULT.port}`;

/** Every name that a server is reached by. */
export const SERVER_NAMES: readonly string[] = [
  ...["vault", "vault-active", "vault-standby"].flatMap((service) =>
    SUFFIXES.map((suffix) => `${service}.${VAULT.namespace}${suffix}`),
  ),
  `*.${HEADLESS}`,
  ...SUFFIXES.map((suffix) => `*.${HEADLESS}.${VAULT.namespace}${suffix}`),
  "localhost",
  "127.0.0.1",
];
