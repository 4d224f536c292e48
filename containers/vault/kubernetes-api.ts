import { readFile } from "node:fs/promises";

const SERVICE_ACCOUNT_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** Objects of the Kubernetes API by path, e.g. `/api/v1/namespaces/vault/secrets/vault-tls`. */
export interface KubernetesApi {
  read(path: string): Promise<unknown>;
  /** JSON merge patch (RFC 7386). */
  patch(path: string, change: object): Promise<void>;
}

/** A request that the Kubernetes API refused. */
export class KubernetesError extends Error {
  override readonly name = "KubernetesError";
  /** HTTP status. */
  readonly status: number;
  constructor(request: string, status: number, answer: string) {
    super(`Kubernetes ${request}: expected a 2xx, came ${status}: ${answer}`);
    this.status = status;
  }
}

interface Connection {
  /** Default: the API of the cluster that this pod runs in. Its certificate is checked by NODE_EXTRA_CA_CERTS. */
  readonly address?: string;
  /** File with a bearer token, read anew for each request: the kubelet replaces it. Default the service account's. */
  readonly tokenFile?: string;
}

/** The Kubernetes API as this pod's service account. Throws a KubernetesError. */
export function kubernetesApi({
  address = "https://kubernetes.default.svc",
  tokenFile = SERVICE_ACCOUNT_TOKEN,
}: Connection = {}): KubernetesApi {
  const ask = async (path: string, init: { method: string; body?: string; headers?: Record<string, string> }) => {
    const token = (await readFile(tokenFile, "utf8")).trim();
    const response = await fetch(`${address}${path}`, {
      ...init,
      headers: { ...init.headers, accept: "application/json", authorization: `Bearer ${token}` },
    });
    if (response.ok) return response.json();
    throw new KubernetesError(`${init.method} ${path}`, response.status, await response.text());
  };
  return {
    read: (path) => ask(path, { method: "GET" }),
    patch: async (path, change) => {
      await ask(path, {
        method: "PATCH",
        body: JSON.stringify(change),
        headers: { "content-type": "application/merge-patch+json" },
      });
    },
  };
}
