import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { certificate, type ServerNames } from "./certificate.ts";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface Certificates {
  /** The authority that clients trust. */
  readonly authority: KeyPair;
  readonly server: KeyPair;
}

const AUTHORITY = "Burstgrid Vault authority";
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
const SERVER_DAYS = 90;
/** A server's certificate is replaced when it has less left than this, in days: a failing renewal has a month to be seen. */
const RENEW_DAYS = 30;
/** A clock may be behind by this, in milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * What Vault's servers are to use at `now`: what there is as long as it serves, else new ones. The authority stays until it could no
 * longer outlive a server's certificate; clients must then learn to trust its successor.
 */
export function currentCertificates(
  { authority, server }: { readonly [Role in keyof Certificates]?: KeyPair | undefined },
  names: ServerNames,
  now: Date,
): Certificates {
  const trusted = authority !== undefined && outlasts(authority, now, SERVER_DAYS) ? authority : newAuthority(now);
  const serves =
    server !== undefined && outlasts(server, now, RENEW_DAYS) && isOf(server, trusted) && servesExactly(server, names);
  return { authority: trusted, server: serves ? server : newServer(trusted, names, now) };
}

const outlasts = (pair: KeyPair, now: Date, days: number) =>
  new X509Certificate(pair.certificate).validToDate.getTime() - now.getTime() > days * DAY_MS;

function isOf(server: KeyPair, authority: KeyPair): boolean {
  const issuer = new X509Certificate(authority.certificate);
  const issued = new X509Certificate(server.certificate);
  return issued.verify(issuer.publicKey) && issued.checkPrivateKey(createPrivateKey(server.privateKey));
}

function servesExactly(server: KeyPair, names: ServerNames): boolean {
  const served = new X509Certificate(server.certificate).subjectAltName?.split(", ") ?? [];
  const bare = served.map((entry) => entry.replace(/^(DNS|IP Address):/, ""));
  return bare.length === names.length && names.every((name) => bare.includes(name));
}

function newAuthority(now: Date): KeyPair {
  const { privateKey, publicKey } = newKeys();
  return {
    certificate: certificate({
      subject: AUTHORITY,
      publicKey,
      issuer: { subject: AUTHORITY, privateKey },
      ...validity(now, AUTHORITY_DAYS),
      use: "authority",
    }),
    privateKey: pemOf(privateKey),
  };
}

function newServer(authority: KeyPair, names: ServerNames, now: Date): KeyPair {
  const { privateKey, publicKey } = newKeys();
  return {
    certificate: certificate({
      subject: "vault",
      publicKey,
      issuer: { subject: AUTHORITY, privateKey: createPrivateKey(authority.privateKey) },
      ...validity(now, SERVER_DAYS),
      use: { server: names },
    }),
    privateKey: pemOf(privateKey),
  };
}

const newKeys = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const pemOf = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
const validity = (now: Date, days: number) => ({
  notBefore: new Date(now.getTime() - CLOCK_SKEW_MS),
  notAfter: new Date(now.getTime() + days * DAY_MS),
});
