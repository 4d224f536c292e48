import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { jsonLogger } from "#containers/log.ts";
import { renewCertificates } from "#containers/vault/certificate-objects.ts";
import { type KubernetesApi, KubernetesError } from "#containers/vault/kubernetes-api.ts";

const SECRETS = "/api/v1/namespaces/vault/secrets";
const AUTHORITY = `${SECRETS}/vault-authority`;
const SERVER = `${SECRETS}/vault-tls`;
const caIn = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps/vault-ca`;

interface Stored {
  readonly metadata: { readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** Objects that take merge patches as the API server does: of data, and only at the version that the patch names, if it names one. */
function storedObjects(...paths: string[]) {
  const objects = new Map<string, Stored>(paths.map((path) => [path, { metadata: { resourceVersion: "1" } }]));
  const found = (method: string, path: string) => {
    const object = objects.get(path);
    if (object === undefined) throw new KubernetesError(`${method} ${path}`, 404, "not found");
    return object;
  };
  const patches: string[] = [];
  const api: KubernetesApi = {
    read: async (path) => found("GET", path),
    patch: async (path, change) => {
      const { metadata, data } = found("PATCH", path);
      const wanted = change as Partial<Stored>;
      const at = wanted.metadata?.resourceVersion ?? metadata.resourceVersion;
      if (at !== metadata.resourceVersion) throw new KubernetesError(`PATCH ${path}`, 409, "conflict");
      patches.push(path);
      objects.set(path, {
        metadata: { resourceVersion: String(Number(at) + 1) },
        data: { ...data, ...wanted.data },
      });
    },
  };
  const text = (path: string, key: string) => Buffer.from(objects.get(path)?.data?.[key] ?? "", "base64").toString();
  return { api, objects, patches, text };
}

const lines: string[] = [];
const renew = (kubernetes: KubernetesApi) =>
  renewCertificates({
    kubernetes,
    names: ["vault.vault.svc"],
    trustedIn: ["vault", "grid"],
    now: new Date(),
    log: jsonLogger((line) => void lines.push(line)),
  });

describe("the objects that hold Vault's certificates", () => {
  it("are filled when they are empty, and left alone after", async () => {
    const { api, patches, objects, text } = storedObjects(AUTHORITY, SERVER, caIn("vault"), caIn("grid"));
    await renew(api);
    const authority = text(AUTHORITY, "tls.crt");
    expect(new X509Certificate(text(SERVER, "tls.crt")).verify(new X509Certificate(authority).publicKey)).toBe(true);
    expect(text(SERVER, "ca.crt")).toBe(authority);
    for (const namespace of ["vault", "grid"]) {
      expect(objects.get(caIn(namespace))?.data).toEqual({ "ca.crt": authority });
    }
    const before = patches.length;
    await renew(api);
    expect(patches.slice(before)).toEqual([caIn("vault"), caIn("grid")]);
    expect(text(AUTHORITY, "tls.crt")).toBe(authority);
  });

  it("a private key is in no log line", async () => {
    const { api, text } = storedObjects(AUTHORITY, SERVER, caIn("vault"), caIn("grid"));
    await renew(api);
    const key = text(SERVER, "tls.key").split("\n")[1]!;
    expect(key.length).toBeGreaterThan(40);
    expect(lines.join("")).not.toContain(key);
  });

  it("a namespace that is not there yet stops nothing, and gets the authority once it is", async () => {
    const { api, objects, text } = storedObjects(AUTHORITY, SERVER, caIn("vault"));
    await renew(api);
    objects.set(caIn("grid"), { metadata: { resourceVersion: "1" } });
    await renew(api);
    expect(objects.get(caIn("grid"))?.data).toEqual({ "ca.crt": text(AUTHORITY, "tls.crt") });
  });

  it("of two runs at a time only one makes an authority", async () => {
    const { api, text } = storedObjects(AUTHORITY, SERVER, caIn("vault"), caIn("grid"));
    const ends = await Promise.allSettled([renew(api), renew(api)]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await renew(api);
    const authority = new X509Certificate(text(AUTHORITY, "tls.crt"));
    expect(new X509Certificate(text(SERVER, "tls.crt")).verify(authority.publicKey)).toBe(true);
  });
});
