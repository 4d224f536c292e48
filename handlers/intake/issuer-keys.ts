import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";

/** An OIDC issuer that did not answer, or not as OpenID Connect Discovery has it. Says nothing about a token. */
export class IssuerUnavailable extends Error {
  override readonly name = "IssuerUnavailable";
}

const DISCOVERY_TIMEOUT_MS = 5000;
/** How long what an issuer says of itself is taken as it was. Its keys are read again sooner: see jose's createRemoteJWKSet. */
const DISCOVERY_AGE_MS = 3_600_000;

/** Finds the key that a token names among an issuer's. Keys and where they lie are kept between calls. */
export function issuerKeys(issuer: string, now: () => number = Date.now): JWTVerifyGetKey {
  let found: { readonly keys: Promise<JWTVerifyGetKey>; readonly at: number } | undefined;
  const discovered = (): Promise<JWTVerifyGetKey> => {
    if (found === undefined || now() - found.at > DISCOVERY_AGE_MS) {
      const keys = discover(issuer);
      const looked = { keys, at: now() };
      found = looked;
      keys.catch(() => {
        if (found === looked) found = undefined;
      });
    }
    return found.keys;
  };
  return async (header, token) => {
    const keys = await discovered();
    try {
      return await keys(header, token);
    } catch (cause) {
      if (OF_THE_TOKEN.some((kind) => cause instanceof kind)) throw cause;
      throw new IssuerUnavailable(`the keys of ${issuer} cannot be read: ${(cause as Error).message}`, { cause });
    }
  };
}

/** What a key set throws because of the token. */
const OF_THE_TOKEN = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

/** OpenID Connect Discovery 1.0, section 4. */
async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const metadata = await fetchJson(address);
  if (metadata["issuer"] !== issuer) {
    throw new IssuerUnavailable(`${address}: expected issuer ${issuer}, came ${String(metadata["issuer"])}`);
  }
  const place = URL.parse(String(metadata["jwks_uri"]));
  if (place === null || place.protocol !== new URL(issuer).protocol) {
    throw new IssuerUnavailable(
      `${address}: expected jwks_uri to be a URL of the issuer's scheme, came ${String(metadata["jwks_uri"])}`,
    );
  }
  return createRemoteJWKSet(place);
}

async function fetchJson(address: string): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(address, {
      signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS),
      redirect: "error",
      headers: { accept: "application/json" },
    });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return (await response.json()) as Record<string, unknown>;
  } catch (cause) {
    throw new IssuerUnavailable(`${address} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
