import { request as httpRequest, STATUS_CODES } from "node:http";
import { request as httpsRequest } from "node:https";

/** An answer of a Kubernetes API server. */
export interface KubernetesAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown;
}

/** As whom a client speaks to an API server. */
export interface KubernetesLogin {
  /** `authorization`, and the headers of impersonation. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** A client certificate and its key, PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Where a Kubernetes API server is. */
export interface KubernetesAddress {
  /** `http` or `https` URL; may have a path, which goes before `/apis/…`. */
  readonly endpoint: string;
  /** PEM in base64, for `https`; empty: the machine's own authorities. */
  readonly certificateAuthority: string;
}

export interface KubernetesServer extends KubernetesAddress {
  readonly login: KubernetesLogin;
}

export interface KubernetesRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  /** Of the body. @default "application/json" */
  readonly contentType?: string;
}

export const bearer = (token: string): KubernetesLogin => ({ headers: { authorization: `Bearer ${token}` } });

/** Calls a Kubernetes API server. @throws Error when it cannot be reached. */
export const callKubernetes = (
  { endpoint, certificateAuthority, login }: KubernetesServer,
  { method, path, body, contentType = "application/json" }: KubernetesRequest,
): Promise<KubernetesAnswer> =>
  new Promise((resolve, reject) => {
    const url = new URL(endpoint);
    url.search = path.includes("?") ? path.slice(path.indexOf("?")) : "";
    url.pathname = url.pathname.replace(/\/$/, "") + path.split("?", 1)[0];
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      ...login.headers,
      accept: "application/json",
      ...(payload === undefined ? {} : { "content-type": contentType, "content-length": payload.length }),
    };
    const ca = certificateAuthority === "" ? {} : { ca: Buffer.from(certificateAuthority, "base64") };
    const request =
      url.protocol === "https:"
        ? httpsRequest(url, { method, headers, ...ca, ...login.certificate })
        : httpRequest(url, { method, headers });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        resolve({
          status,
          statusText: STATUS_CODES[status] ?? "",
          body: parsed(Buffer.concat(chunks).toString("utf8")),
        });
      });
    });
    request.end(payload);
  });

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
