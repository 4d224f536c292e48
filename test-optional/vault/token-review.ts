import { createServer } from "node:http";
import { json } from "node:stream/consumers";

/** The one call of the Kubernetes API that Vault makes: may this token's bearer be who it says, for this audience? */
export interface TokenReview extends AsyncDisposable {
  readonly address: string;
  /** A token of a service account as the kubelet projects it. */
  token(namespace: string, serviceAccount: string, audience?: string): string;
}

interface Review {
  readonly spec: { readonly token: string; readonly audiences?: readonly string[] };
}

/** Reviews the tokens that it made itself, as the API server does with its own. */
export async function startTokenReview(): Promise<TokenReview> {
  const users = new Map<string, { readonly username: string; readonly audience: string }>();
  const server = createServer(async (request, response) => {
    const { spec } = (await json(request)) as Review;
    const user = users.get(spec.token);
    const meant = user !== undefined && (spec.audiences ?? [user.audience]).includes(user.audience);
    const status = meant
      ? { authenticated: true, user: { username: user.username, uid: user.username }, audiences: [user.audience] }
      : { authenticated: false, error: "unknown token, or one for another audience" };
    response.writeHead(201, { "content-type": "application/json" });
    response.end(JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec, status }));
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  return {
    address: `http://127.0.0.1:${(server.address() as { readonly port: number }).port}`,
    token: (namespace, serviceAccount, audience = "vault") => {
      const username = `system:serviceaccount:${namespace}:${serviceAccount}`;
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: "https://kubernetes.default.svc",
        sub: username,
        aud: [audience],
        iat: now,
        nbf: now,
        exp: now + 600,
        "kubernetes.io": { namespace, serviceaccount: { name: serviceAccount, uid: username } },
      };
      const token = [{ alg: "RS256", typ: "JWT" }, claims, "signature"].map(encoded).join(".");
      users.set(token, { username, audience });
      return token;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const encoded = (part: object | string) =>
  Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
