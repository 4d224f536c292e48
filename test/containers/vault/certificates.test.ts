import { X509Certificate } from "node:crypto";
import { connect, createServer, type Server } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { currentCertificates } from "#containers/vault/certificates.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const NAMES = ["vault-active.vault.svc", "*.vault-internal.vault.svc", "127.0.0.1"];
const DAY_MS = 86_400_000;
const later = (days: number) => new Date(NOW.getTime() + days * DAY_MS);

describe("certificates of Vault", () => {
  const made = currentCertificates({}, NAMES, NOW);

  it("the servers' is of the authority, for all their names, for 90 days", () => {
    const authority = new X509Certificate(made.authority.certificate);
    const server = new X509Certificate(made.server.certificate);
    expect(authority.ca).toBe(true);
    expect(server.ca).toBe(false);
    expect(server.checkIssued(authority) && server.verify(authority.publicKey)).toBe(true);
    expect(server.checkHost("vault-3.vault-internal.vault.svc")).toBe("*.vault-internal.vault.svc");
    expect(server.checkHost("vault-active.vault.svc")).toBe("vault-active.vault.svc");
    expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server.checkHost("other.svc")).toBeUndefined();
    expect(server.validToDate).toEqual(later(90));
    expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });

  it("they stay as they are while they serve", () => {
    expect(currentCertificates(made, NAMES, later(59))).toEqual(made);
  });

  it.each([
    ["30 days before its end", made, NAMES, later(60)],
    ["when servers get another name", made, [...NAMES, "vault.example.com"], NOW],
    [
      "when its private key is another's",
      { ...made, server: { ...made.server, privateKey: made.authority.privateKey } },
      NAMES,
      NOW,
    ],
    [
      "when the authority is another",
      { ...made, authority: currentCertificates({}, NAMES, NOW).authority },
      NAMES,
      NOW,
    ],
  ])("the servers' is renewed by the same authority %s", (_, found, names, now) => {
    const renewed = currentCertificates(found, names, now);
    expect(renewed.authority).toEqual(found.authority);
    expect(renewed.server.certificate).not.toBe(found.server.certificate);
    const server = new X509Certificate(renewed.server.certificate);
    expect(server.verify(new X509Certificate(renewed.authority.certificate).publicKey)).toBe(true);
  });

  it("an authority that could not outlive a server's certificate is replaced, and the server's with it", () => {
    const renewed = currentCertificates(made, NAMES, later(3650 - 90));
    expect(renewed.authority).not.toEqual(made.authority);
    expect(renewed.server).not.toEqual(made.server);
  });

  describe("on a connection", () => {
    let server: Server | undefined;
    afterEach(() => void server?.close());
    const present = currentCertificates({}, ["127.0.0.1"], new Date());

    const handshake = async (ca: string) => {
      server = createServer({ cert: present.server.certificate, key: present.server.privateKey }, (socket) =>
        socket.end("hello"),
      );
      await new Promise<void>((done) => server!.listen(0, "127.0.0.1", done));
      const { port } = server.address() as { readonly port: number };
      return new Promise<string>((done, fail) => {
        const socket = connect({ host: "127.0.0.1", port, ca, minVersion: "TLSv1.3" });
        socket.on("data", (data) => done(String(data))).on("error", fail);
      });
    };

    it("who trusts the authority trusts the server", async () => {
      expect(await handshake(present.authority.certificate)).toBe("hello");
    });

    it("who trusts another authority of the same name does not", async () => {
      await expect(handshake(made.authority.certificate)).rejects.toThrow();
    });
  });
});
