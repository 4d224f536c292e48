import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";
import {
  bitString,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
  yes,
} from "./der.ts";

/** Names that clients reach a server by: DNS names (a first label may be `*`) and IPv4 addresses. */
export type ServerNames = readonly string[];

interface CertificateRequest {
  /** Common name. */
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly subject: string; readonly privateKey: KeyObject };
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** What it is for: signing others' certificates, or serving TLS under names. */
  readonly use: "authority" | { readonly server: ServerNames };
}

/** Object identifiers (RFC 5280, RFC 5758). */
const OID = {
  commonName: "2.5.4.3",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAlternativeName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuthentication: "1.3.6.1.5.5.7.3.1",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;

const VERSION_3 = Buffer.from([2]);
const SERIAL_BYTES = 16;

/** An X.509 v3 certificate in PEM, signed with the issuer's P-256 key (ECDSA with SHA-256; RFC 5280). */
export function certificate(request: CertificateRequest): string {
  const algorithm = sequence(objectIdentifier(OID.ecdsaWithSha256));
  const toBeSigned = sequence(
    explicit(0, integer(VERSION_3)),
    integer(randomBytes(SERIAL_BYTES)),
    algorithm,
    name(request.issuer.subject),
    sequence(time(request.notBefore), time(request.notAfter)),
    name(request.subject),
    request.publicKey.export({ type: "spki", format: "der" }),
    explicit(3, extensions(request)),
  );
  const signature = sign("sha256", toBeSigned, request.issuer.privateKey);
  return pem(sequence(toBeSigned, algorithm, bitString(signature)));
}

const name = (common: string) => sequence(set(sequence(objectIdentifier(OID.commonName), utf8String(common))));

function extensions({ publicKey, issuer, use }: CertificateRequest): Buffer {
  const identity = [
    extension(OID.subjectKeyIdentifier, octetString(keyIdentifier(publicKey))),
    extension(OID.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier(createPublicKey(issuer.privateKey))))),
  ];
  if (use === "authority") {
    return sequence(
      critical(OID.basicConstraints, sequence(yes(), integer(Buffer.from([0])))),
      critical(OID.keyUsage, KEY_USAGE.signCertificates),
      ...identity,
    );
  }
  return sequence(
    critical(OID.basicConstraints, sequence()),
    critical(OID.keyUsage, KEY_USAGE.sign),
    extension(OID.extendedKeyUsage, sequence(objectIdentifier(OID.serverAuthentication))),
    extension(OID.subjectAlternativeName, sequence(...use.server.map(alternativeName))),
    ...identity,
  );
}

/** Bits of KeyUsage (RFC 5280, 4.2.1.3): 0 digitalSignature, 5 keyCertSign, 6 cRLSign. */
const KEY_USAGE = {
  sign: bitString(Buffer.from([0b1000_0000]), 7),
  signCertificates: bitString(Buffer.from([0b0000_0110]), 1),
};

const extension = (oid: string, value: Uint8Array) => sequence(objectIdentifier(oid), octetString(value));
const critical = (oid: string, value: Uint8Array) => sequence(objectIdentifier(oid), yes(), octetString(value));

const alternativeName = (reached: string) =>
  isIPv4(reached) ? implicit(7, Buffer.from(reached.split(".").map(Number))) : implicit(2, Buffer.from(reached));

const keyIdentifier = (key: KeyObject) =>
  createHash("sha1")
    .update(key.export({ type: "spki", format: "der" }))
    .digest();

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
