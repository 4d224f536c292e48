import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Schema } from "effect";
import { parse } from "yaml";
import { bearer, type KubernetesLogin, type KubernetesServer } from "#grid/kubernetes-server.ts";

/** A kubeconfig that cannot be used: which file, which field, what to do. */
class KubeconfigError extends Error {
  override readonly name = "KubeconfigError";
}

const Text = Schema.optionalKey(Schema.String);

const Kubeconfig = Schema.Struct({
  "current-context": Schema.NonEmptyString,
  contexts: Schema.Array(
    Schema.Struct({ name: Schema.String, context: Schema.Struct({ cluster: Schema.String, user: Schema.String }) }),
  ),
  clusters: Schema.Array(Schema.Struct({ name: Schema.String, cluster: Schema.Unknown })),
  users: Schema.Array(Schema.Struct({ name: Schema.String, user: Schema.Unknown })),
});

/** What is honoured of a cluster; any other field is refused by name. */
const ClusterFields = Schema.Struct({
  server: Schema.NonEmptyString,
  "certificate-authority": Text,
  "certificate-authority-data": Text,
  extensions: Schema.optionalKey(Schema.Unknown),
});

/** What is honoured of a user; any other field (`exec`, `auth-provider`, `username`, `as` …) is refused by name. */
const UserFields = Schema.Struct({
  token: Text,
  tokenFile: Text,
  "client-certificate": Text,
  "client-certificate-data": Text,
  "client-key": Text,
  "client-key-data": Text,
  extensions: Schema.optionalKey(Schema.Unknown),
});

const INSTEAD =
  "a user needs a token, or a client certificate with its key (where the file runs a program for it, as EKS's do: put in what `kubectl create token` gives)";

/**
 * Server and user of a kubeconfig's current context. Paths in it are relative to its folder.
 * @throws KubeconfigError for a file that cannot be read, and naming what in it is missing or not supported.
 */
export async function readKubeconfig(path: string): Promise<KubernetesServer> {
  try {
    return await serverOf(parse(await readFile(path, "utf8")), dirname(resolve(path)));
  } catch (cause) {
    throw new KubeconfigError(`${path}: ${(cause as Error).message}`, { cause });
  }
}

async function serverOf(content: unknown, folder: string): Promise<KubernetesServer> {
  const file = Schema.decodeUnknownSync(Kubeconfig)(content);
  const { context } = named(file.contexts, file["current-context"], "context");
  const strictly = { onExcessProperty: "error" } as const;
  const cluster = Schema.decodeUnknownSync(
    ClusterFields,
    strictly,
  )(named(file.clusters, context.cluster, "cluster").cluster);
  const user = Schema.decodeUnknownSync(UserFields, strictly)(named(file.users, context.user, "user").user);
  const authority = await pem(cluster["certificate-authority-data"], cluster["certificate-authority"], folder);
  return {
    endpoint: cluster.server,
    certificateAuthority: authority === undefined ? "" : Buffer.from(authority).toString("base64"),
    login: await loginOf(user, folder),
  };
}

async function loginOf(user: typeof UserFields.Type, folder: string): Promise<KubernetesLogin> {
  const cert = await pem(user["client-certificate-data"], user["client-certificate"], folder);
  const key = await pem(user["client-key-data"], user["client-key"], folder);
  if (cert !== undefined && key !== undefined) return { headers: {}, certificate: { cert, key } };
  if (user.token !== undefined) return bearer(user.token);
  if (user.tokenFile !== undefined) return bearer((await readFile(resolve(folder, user.tokenFile), "utf8")).trim());
  throw new Error(INSTEAD);
}

/** PEM that is in the kubeconfig itself, in Base64, or in a file that it names. */
async function pem(data: string | undefined, file: string | undefined, folder: string): Promise<string | undefined> {
  if (data !== undefined) return Buffer.from(data, "base64").toString();
  return file === undefined ? undefined : readFile(resolve(folder, file), "utf8");
}

function named<Entry extends { readonly name: string }>(entries: readonly Entry[], name: string, kind: string): Entry {
  const entry = entries.find((each) => each.name === name);
  if (entry !== undefined) return entry;
  throw new Error(`it has no ${kind} ${name} (it has: ${entries.map((each) => each.name).join(", ") || "none"})`);
}
