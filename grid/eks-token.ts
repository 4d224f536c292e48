import { createHash, createHmac } from "node:crypto";

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

interface EksTokenRequest {
  /** Name of the cluster. */
  readonly cluster: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly now: Date;
}

/** How long STS takes the URL inside a token; EKS itself takes a token for 15 minutes (aws-iam-authenticator, README). */
const EXPIRES_SECONDS = 60;

/**
 * A bearer token for an EKS cluster's API server: an STS GetCallerIdentity request, signed for this cluster by SigV4 but not sent; EKS
 * sends it to learn who calls (aws-iam-authenticator, "API Authorization from Outside a Cluster"; `aws eks get-token` makes the same).
 */
export function eksToken({ cluster, region, credentials, now }: EksTokenRequest): string {
  const host = `sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${region}/sts/aws4_request`;
  const query = encoded({
    Action: "GetCallerIdentity",
    Version: "2011-06-15",
    "X-Amz-Algorithm": ALGORITHM,
    "X-Amz-Credential": `${credentials.accessKeyId}/${scope}`,
    "X-Amz-Date": time,
    "X-Amz-Expires": String(EXPIRES_SECONDS),
    ...(credentials.sessionToken !== undefined && { "X-Amz-Security-Token": credentials.sessionToken }),
    "X-Amz-SignedHeaders": SIGNED_HEADERS,
  });
  const request = ["GET", "/", query, `host:${host}`, `x-k8s-aws-id:${cluster}`, "", SIGNED_HEADERS, sha256("")];
  const toSign = [ALGORITHM, time, scope, sha256(request.join("\n"))].join("\n");
  const key = [time.slice(0, 8), region, "sts", "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${credentials.secretAccessKey}`,
  );
  const url = `https://${host}/?${query}&X-Amz-Signature=${hmac(key, toSign).toString("hex")}`;
  return `k8s-aws-v1.${Buffer.from(url).toString("base64url")}`;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const SIGNED_HEADERS = "host;x-k8s-aws-id";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** In the order of the names, as SigV4 wants it. */
const encoded = (parameters: Readonly<Record<string, string>>) =>
  Object.entries(parameters)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join("&");

/** RFC 3986, which encodeURIComponent leaves five characters short of. */
const escaped = (text: string) =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
