import nodeVault from "node-vault";

/** A request that Vault refused, or that did not reach it. */
class VaultError extends Error {
  override readonly name = "VaultError";
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  constructor(request: string, cause: Error) {
    const status = statusOf(cause);
    super(`Vault ${request}: ${status === undefined ? "no answer" : `status ${status}`}: ${cause.message}`, { cause });
    this.status = status;
  }
}

/** Vault's HTTP API by path, without the leading `v1/`. What it answers is decoded by whoever asks. */
export interface VaultClient {
  /** Undefined for a path that is not there. */
  read(path: string): Promise<unknown>;
  /** Names below a path; none for a path that is not there. */
  list(path: string): Promise<readonly string[]>;
  write(path: string, data: object): Promise<unknown>;
  delete(path: string): Promise<void>;
  /** The same as another identity. */
  as(token: string): VaultClient;
}

/** How long one request may take, in milliseconds. */
const REQUEST_MS = 30_000;

/** A client of node-vault. Certificates are checked by NODE_EXTRA_CA_CERTS. Throws a VaultError. */
export function vaultClient(address: string, token?: string): VaultClient {
  const vault = nodeVault({
    endpoint: address,
    requestOptions: { timeout: REQUEST_MS },
    ...(token !== undefined && { token }),
  });
  const ask = async (request: string, answer: Promise<unknown>): Promise<unknown> => {
    try {
      return await answer;
    } catch (error) {
      throw new VaultError(request, error as Error);
    }
  };
  const found = (answer: Promise<unknown>): Promise<unknown> =>
    answer.catch((error: unknown) => {
      if (error instanceof VaultError && error.status === 404) return undefined;
      throw error;
    });
  return {
    read: (path) => found(ask(`GET ${path}`, vault.read(path))),
    list: async (path) => keysOf(await found(ask(`LIST ${path}`, vault.list(path)))),
    write: (path, data) => ask(`POST ${path}`, vault.write(path, data)),
    delete: async (path) => {
      await ask(`DELETE ${path}`, vault.delete(path));
    },
    as: (other) => vaultClient(address, other),
  };
}

const keysOf = (answer: unknown): readonly string[] =>
  (answer as { readonly data?: { readonly keys?: readonly string[] } } | undefined)?.data?.keys ?? [];

const statusOf = (error: Error): number | undefined =>
  (error as { readonly response?: { readonly statusCode?: number } }).response?.statusCode;
