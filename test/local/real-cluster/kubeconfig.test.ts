import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readKubeconfig } from "#local/real-cluster/kubeconfig.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
});
afterAll(() => rm(folder, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString("base64");

const read = async (parts: { cluster?: object; user?: object; context?: string }) => {
  const file = join(folder, "config");
  await writeFile(
    file,
    stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": parts.context ?? "here",
      contexts: [
        { name: "elsewhere", context: { cluster: "other", user: "other" } },
        { name: "here", context: { cluster: "mine", user: "me", namespace: "grid" } },
      ],
      clusters: [
        { name: "mine", cluster: { server: "https://10.0.0.1:6443", ...parts.cluster } },
        { name: "other", cluster: { server: "https://10.0.0.2", "insecure-skip-tls-verify": true } },
      ],
      users: [
        { name: "me", user: parts.user ?? { token: "secret" } },
        { name: "other", user: { exec: { command: "aws" } } },
      ],
    }),
  );
  return readKubeconfig(file);
};

describe("a kubeconfig gives the server and the user of its current context", () => {
  test("a certificate authority and a client certificate that it holds", async () => {
    const server = await read({
      cluster: { "certificate-authority-data": base64("AUTHORITY") },
      user: { "client-certificate-data": base64("CERTIFICATE"), "client-key-data": base64("KEY") },
    });
    expect(server).toEqual({
      endpoint: "https://10.0.0.1:6443",
      certificateAuthority: base64("AUTHORITY"),
      login: { headers: {}, certificate: { cert: "CERTIFICATE", key: "KEY" } },
    });
  });

  test("or that it names, relative to its folder", async () => {
    for (const name of ["ca.crt", "me.crt", "me.key"]) await writeFile(join(folder, name), `of ${name}`);
    const server = await read({
      cluster: { "certificate-authority": "ca.crt" },
      user: { "client-certificate": "me.crt", "client-key": "me.key" },
    });
    expect(server.certificateAuthority).toBe(base64("of ca.crt"));
    expect(server.login.certificate).toEqual({ cert: "of me.crt", key: "of me.key" });
  });

  test.each(["token", "tokenFile"])("a %s, sent as a bearer token", async (field) => {
    await writeFile(join(folder, "token"), "from-a-file\n");
    const { login } = await read({ user: { [field]: field === "token" ? "given" : "token" } });
    expect(login).toEqual({
      headers: { authorization: `Bearer ${field === "token" ? "given" : "from-a-file"}` },
    });
  });
});

describe("what is not supported is refused by name", () => {
  test.each([
    ["exec", { exec: { command: "aws" } }],
    ["auth-provider", { "auth-provider": { name: "oidc" } }],
    ["username", { token: "t", username: "me" }],
    ["as", { token: "t", as: "someone" }],
  ])("the user's %s", async (field, user) => {
    await expect(read({ user })).rejects.toThrow(new RegExp(`config: .*"?${field}"?`, "s"));
  });

  test.each(["insecure-skip-tls-verify", "proxy-url", "tls-server-name"])("the cluster's %s", async (field) => {
    await expect(read({ cluster: { [field]: "x" } })).rejects.toThrow(field);
  });

  test("a user with nothing to show", async () => {
    await expect(read({ user: { "client-key-data": base64("KEY") } })).rejects.toThrow("a user needs a token");
  });

  test("a context that is not there, with those that are", async () => {
    await expect(read({ context: "nowhere" })).rejects.toThrow("it has no context nowhere (it has: elsewhere, here)");
  });

  test("a file that is not there, by its path", async () => {
    await expect(readKubeconfig(join(folder, "absent"))).rejects.toThrow(`${join(folder, "absent")}: ENOENT`);
  });
});
