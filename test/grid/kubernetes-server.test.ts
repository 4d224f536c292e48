import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, callKubernetes } from "#grid/kubernetes-server.ts";

// A key that guards nothing: made for this test, for 127.0.0.1, valid a hundred years.
const file = (name: string) => readFileSync(new URL(`certificate/${name}`, import.meta.url));

const certificate = file("cert.pem");
const server = createServer({ cert: certificate, key: file("key.pem") }, (request, response) =>
  response.end(JSON.stringify({ url: request.url, authorization: request.headers.authorization })),
);
let endpoint: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

describe("an API server behind https", () => {
  it("is trusted by the certificate authority the Task names", async () => {
    const at = { endpoint, certificateAuthority: certificate.toString("base64"), login: bearer("secret") };
    const answer = await callKubernetes(at, { method: "GET", path: "/apis/batch/v1/jobs?limit=1" });
    expect(answer).toMatchObject({ status: 200, statusText: "OK" });
    expect(answer.body).toEqual({ url: "/apis/batch/v1/jobs?limit=1", authorization: "Bearer secret" });
  });

  it("is not trusted without it", async () => {
    const at = { endpoint, certificateAuthority: "", login: bearer("secret") };
    const call = callKubernetes(at, { method: "GET", path: "/version" });
    await expect(call).rejects.toThrow(/self-signed certificate/);
  });
});
