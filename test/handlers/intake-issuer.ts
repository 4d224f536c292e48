import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** An OIDC issuer on loopback: what it says of itself, its keys, and tokens signed by them. */
export interface Issuer {
  readonly url: string;
  /** A good token for audience `grid` with these claims; undefined takes one away. */
  token(claims?: JWTPayload): Promise<string>;
  /** The same, signed by a key that the issuer does not publish. */
  forged(claims?: JWTPayload): Promise<string>;
  /** Paths that were asked for since the last look. */
  asked(): string[];
  /** Answers in place of the true ones, by path; a number is a status without a body. */
  readonly answers: Map<string, object | number>;
  close(): Promise<void>;
}

const DISCOVERY = "/.well-known/openid-configuration";

export async function startIssuer(): Promise<Issuer> {
  const good = await generateKeyPair("ES256", { extractable: true });
  const other = await generateKeyPair("ES256");
  const answers = new Map<string, object | number>();
  let asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    asked.push(path);
    const answer = answers.get(path) ?? 404;
    response.writeHead(typeof answer === "number" ? answer : 200, { "content-type": "application/json" });
    response.end(typeof answer === "number" ? undefined : JSON.stringify(answer));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers.set(DISCOVERY, { issuer: url, jwks_uri: `${url}/keys` });
  answers.set("/keys", { keys: [{ ...(await exportJWK(good.publicKey)), kid: "one", alg: "ES256", use: "sig" }] });

  const sign = (key: CryptoKey, claims: JWTPayload) => {
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: url, aud: "grid", sub: "someone", iat: now, exp: now + 300, ...claims };
    return new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: "one", typ: "at+jwt" }).sign(key);
  };
  return {
    url,
    token: (claims = {}) => sign(good.privateKey, claims),
    forged: (claims = {}) => sign(other.privateKey, claims),
    asked: () => {
      const paths = asked;
      asked = [];
      return paths;
    },
    answers,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
