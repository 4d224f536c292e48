import { STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { eksToken } from "#grid/eks-token.ts";

const now = new Date("2026-11-22T10:20:30.456Z");
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const urlOf = (token: string) => {
  const [prefix, url] = token.split(".");
  expect(prefix).toBe("k8s-aws-v1");
  return new URL(Buffer.from(url!, "base64url").toString());
};

/** A part of AWS's own signer, which @aws-sdk keeps out of its types. */
interface Presigner {
  presign(request: object, options: object): Promise<{ readonly query: Readonly<Record<string, string>> }>;
}

describe("a token for an EKS cluster", () => {
  it.each([
    ["a role's credentials", { ...credentials, sessionToken: "token/with+signs==" }],
    ["a user's credentials", credentials],
  ])("is signed as AWS's own client signs it, by %s", async (_, credentials) => {
    const client = new STSClient({ region: "eu-west-1", credentials });
    const signer = (await client.config.signer({
      name: "sigv4",
      signingName: "sts",
      signingRegion: "eu-west-1",
      properties: {},
    })) as unknown as Presigner;
    const { query } = await signer.presign(
      {
        method: "GET",
        protocol: "https:",
        hostname: "sts.eu-west-1.amazonaws.com",
        path: "/",
        query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
        headers: { host: "sts.eu-west-1.amazonaws.com", "x-k8s-aws-id": "demo" },
      },
      { expiresIn: 60, signingDate: now, unhoistableHeaders: new Set(["x-k8s-aws-id"]) },
    );
    const url = urlOf(eksToken({ cluster: "demo", region: "eu-west-1", credentials, now }));
    expect(Object.fromEntries(url.searchParams)).toEqual(query);
  });

  it("is for one cluster", () => {
    const signature = (cluster: string) =>
      urlOf(eksToken({ cluster, region: "eu-west-1", credentials, now })).searchParams.get("X-Amz-Signature");
    expect(signature("demo")).not.toBe(signature("other"));
  });

  it("asks the STS of the region, in China too", () => {
    const host = (region: string) => urlOf(eksToken({ cluster: "demo", region, credentials, now })).host;
    expect(host("us-east-1")).toBe("sts.us-east-1.amazonaws.com");
    expect(host("cn-north-1")).toBe("sts.cn-north-1.amazonaws.com.cn");
  });
});
