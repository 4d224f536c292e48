import { ConfigProvider, Effect } from "effect";
import { SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ENV } from "#grid/names.ts";
import { Authority } from "#handlers/intake/authority.ts";
import type { HttpProblem } from "#handlers/intake/http-problem.ts";
import type { Principal } from "#handlers/intake/principal.ts";
import { type Issuer, startIssuer } from "./intake-issuer.ts";

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());
beforeEach(() => void issuer.asked());

interface Authenticates {
  (token: string | undefined): Promise<Principal>;
  /** The problem that a header is refused with. */
  refuses(header: string | undefined): Promise<HttpProblem>;
}

/** An authority with these settings; it keeps what it has learnt of the issuer. */
async function authority({ url = issuer.url, claim = "grid:applications" } = {}): Promise<Authenticates> {
  const settings = ConfigProvider.fromUnknown({
    [ENV.intakeIssuer]: url,
    [ENV.intakeAudience]: "grid",
    [ENV.intakeApplicationsClaim]: claim,
  });
  const { authenticate } = await Effect.runPromise(
    Effect.gen(function* () {
      return yield* Authority;
    }).pipe(Effect.provide(Authority.layer), Effect.provideService(ConfigProvider.ConfigProvider, settings)),
  );
  const header = (token: string | undefined) => token && `Bearer ${token}`;
  return Object.assign((token: string | undefined) => Effect.runPromise(authenticate(header(token))), {
    refuses: (given: string | undefined) => Effect.runPromise(Effect.flip(authenticate(given))),
  });
}

/** The problem that a token is refused with. */
const refusal = async (token: string): Promise<HttpProblem> => (await authority()).refuses(`Bearer ${token}`);

const namesOf = ({ applications }: Principal) => (applications === "all" ? "all" : [...applications]);

describe("a token", () => {
  it("of the issuer, for the audience and in its time tells who asks", async () => {
    const authenticate = await authority();
    const principal = await authenticate(await issuer.token({ "grid:applications": ["a", "b"] }));
    expect([principal.subject, namesOf(principal)]).toEqual(["someone", ["a", "b"]]);
  });

  it("may be for several audiences", async () => {
    const authenticate = await authority();
    expect(await authenticate(await issuer.token({ aud: ["other", "grid"] }))).toMatchObject({ subject: "someone" });
  });

  it.each([
    ["for another audience", { aud: "other" }, /"aud"/],
    ["without an audience", { aud: undefined }, /"aud"/],
    ["of another issuer", { iss: "https://other" }, /"iss"/],
    ["that has expired", { exp: Math.floor(Date.now() / 1000) - 60 }, /"exp"/],
    ["that never expires", { exp: undefined }, /"exp"/],
    ["that is not valid yet", { nbf: Math.floor(Date.now() / 1000) + 120 }, /"nbf"/],
    ["of nobody", { sub: undefined }, /"sub"/],
  ])("%s is refused", async (_, claims, why) => {
    const { status, detail, headers } = await refusal(await issuer.token(claims as Record<string, unknown>));
    expect([status, detail]).toEqual([401, expect.stringMatching(why)]);
    expect(headers?.["www-authenticate"]).toBe('Bearer realm="burstgrid", error="invalid_token"');
  });

  it("that the issuer did not sign is refused", async () => {
    expect(await refusal(await issuer.forged())).toMatchObject({
      status: 401,
      detail: "signature verification failed",
    });
  });

  it("without a signature, or signed with a secret, is refused", async () => {
    const [, payload] = (await issuer.token()).split(".");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    expect((await refusal(`${none}.${payload}.`)).status).toBe(401);
    const secret = await new SignJWT({ iss: issuer.url, aud: "grid", sub: "x" })
      .setProtectedHeader({ alg: "HS256", kid: "one" })
      .setExpirationTime("5m")
      .sign(new TextEncoder().encode("a secret of thirty-two bytes or so"));
    expect(await refusal(secret)).toMatchObject({ status: 401, detail: expect.stringContaining("alg") });
  });

  it.each([undefined, "", "Basic YTpi", "Bearer", "Bearer a b", "Bearer not.a.token"])(
    "is wanted where the header is %j",
    async (header) => {
      const { status, headers } = await (await authority()).refuses(header);
      expect([status, headers?.["www-authenticate"]]).toEqual([401, expect.stringMatching(/^Bearer realm=/)]);
    },
  );
});

describe("applications", () => {
  it.each([
    ["an array of names", "apps", { apps: ["a", "b"] }, ["a", "b"]],
    ["names with spaces between", "apps", { apps: "a b" }, ["a", "b"]],
    ["*, which is all", "apps", { apps: ["a", "*"] }, "all"],
    ["scopes of the form applications:NAME", "scope", { scope: "openid applications:a a applications:b" }, ["a", "b"]],
    ["scopes as an array", "scp", { scp: ["applications:a", "profile"] }, ["a"]],
    ["the scope applications:*", "scope", { scope: "applications:*" }, "all"],
    ["a scope * of something else", "scope", { scope: "*" }, []],
    ["no claim", "apps", {}, []],
    ["a claim that holds no names", "apps", { apps: { a: true } }, []],
  ])("come from %s", async (_, claim, claims, expected) => {
    const authenticate = await authority({ claim });
    expect(namesOf(await authenticate(await issuer.token(claims)))).toEqual(expected);
  });
});

describe("the issuer", () => {
  it("is asked once for what it says of itself and for its keys", async () => {
    const authenticate = await authority();
    const token = await issuer.token();
    await Promise.all([authenticate(token), authenticate(token)]);
    await authenticate(token);
    expect(issuer.asked()).toEqual(["/.well-known/openid-configuration", "/keys"]);
  });

  const answeringWith = async <A>(path: string, answer: object | number, look: () => Promise<A>): Promise<A> => {
    const before = issuer.answers.get(path)!;
    issuer.answers.set(path, answer);
    try {
      return await look();
    } finally {
      issuer.answers.set(path, before);
    }
  };

  const DISCOVERY = "/.well-known/openid-configuration";

  it.each([
    ["does not answer", DISCOVERY, 500, /it answered 500/],
    ["says it is another", DISCOVERY, { issuer: "https://other" }, /came https:\/\/other/],
    ["names no place for its keys", DISCOVERY, undefined, /jwks_uri/],
    ["has its keys where they cannot be read", "/keys", 500, /the keys of .* cannot be read/],
  ])("that %s is no fault of the token's", async (_, path, answer, why) => {
    const problem = await answeringWith(path, answer ?? { issuer: issuer.url, jwks_uri: "file:///keys" }, async () =>
      refusal(await issuer.token()),
    );
    expect([problem.status, problem.detail]).toEqual([503, expect.stringMatching(why)]);
    expect(problem.headers?.["retry-after"]).toBe("5");
  });

  it("that did not answer is asked again by the next request", async () => {
    const authenticate = await authority();
    const token = await issuer.token();
    await answeringWith(DISCOVERY, 503, () => authenticate.refuses(`Bearer ${token}`));
    expect(await authenticate(token)).toMatchObject({ subject: "someone" });
  });
});

describe("without an issuer", () => {
  it("nobody is let in", async () => {
    const authenticate = await authority({ url: "" });
    const { status, detail } = await authenticate.refuses(`Bearer ${await issuer.token()}`);
    expect([status, detail]).toEqual([401, expect.stringContaining("section `intake`")]);
  });

  it("said so by `none`, anybody may use every application", async () => {
    const authenticate = await authority({ url: "none" });
    expect(await authenticate(undefined)).toEqual({ subject: "anybody", applications: "all" });
    expect(issuer.asked()).toEqual([]);
  });
});
