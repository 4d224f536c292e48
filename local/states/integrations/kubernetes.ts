import { request as httpRequest, STATUS_CODES } from "node:http";
import { request as httpsRequest } from "node:https";

/** An answer of a Kubernetes API server. */
export interface KubernetesAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown;
}

/** Where a Kubernetes API server is and how to be let in. */
export interface KubernetesServer {
  /** `http` or `https` URL; may have a path, which goes before `/apis/…`. */
  readonly endpoint: string;
  /** PEM in base64, for `https`; empty: the machine's own authorities. */
  readonly certificateAuthority: string;
  readonly token: string;
}

/** Calls a Kubernetes API server. @throws Error when it cannot be reached. */
export const callKubernetes = (
  server: KubernetesServer,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<KubernetesAnswer> =>
  new Promise((resolve, reject) => {
    const url = new URL(server.endpoint);
    url.search = path.includes("?") ? path.slice(path.indexOf("?")) : "";
    url.pathname = url.pathname.replace(/\/$/, "") + path.split("?", 1)[0];
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${server.token}`,
      accept: "application/json",
      ...(payload === undefined ? {} : { "content-type": "application/json", "content-length": payload.length }),
    };
    const ca = server.certificateAuthority === "" ? {} : { ca: Buffer.from(server.certificateAuthority, "base64") };
    const request =
      url.protocol === "https:" ? httpsRequest(url, { method, headers, ...ca }) : httpRequest(url, { method, headers });
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
