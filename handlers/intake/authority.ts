import { Context, Effect, Layer } from "effect";
import { jwtVerify } from "jose";
import { HttpProblem } from "./http-problem.ts";
import { IssuerUnavailable, issuerKeys } from "./issuer-keys.ts";
import { type Principal, permitted } from "./principal.ts";
import { intakeSettings } from "./settings.ts";

interface AuthorityShape {
  /** Who sends a request with this `Authorization` header. Fails with a problem of status 401, or 503 when the issuer does not answer. */
  authenticate(authorization: string | undefined): Effect.Effect<Principal, HttpProblem>;
}

/**
 * Decides who asks, as the setting for the issuer says: the URL of an OIDC issuer, whose access tokens are verified; `none`, where
 * nobody has to say who he is and everybody may use everything (a local grid, which only listens on loopback, is deployed so); or empty,
 * where nobody is let in.
 */
export class Authority extends Context.Service<Authority, AuthorityShape>()("intake/Authority") {
  static readonly layer = Layer.effect(
    Authority,
    Effect.gen(function* () {
      const issuer = yield* intakeSettings.issuer;
      if (issuer === "") return Authority.of({ authenticate: () => Effect.fail(closed) });
      if (issuer === "none") return Authority.of({ authenticate: () => Effect.succeed(ANYBODY) });
      const audience = yield* intakeSettings.audience;
      const claim = yield* intakeSettings.applicationsClaim;
      return tokenAuthority({ issuer, audience, claim });
    }),
  );
}

const ANYBODY: Principal = { subject: "anybody", applications: "all" };

const closed = unauthorized("this grid takes no tokens: its config has no section `intake` with an issuer");

interface Tokens {
  readonly issuer: string;
  readonly audience: string;
  readonly claim: string;
}

/** Signatures with a public key only: a secret that both sides know is none that a discovered issuer could have. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "Ed25519",
  "EdDSA",
];
/** How far the issuer's clock may be off. */
const CLOCK_TOLERANCE_SECONDS = 30;

function tokenAuthority({ issuer, audience, claim }: Tokens): AuthorityShape {
  const keys = issuerKeys(issuer);
  const verify = (token: string) =>
    jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      requiredClaims: ["exp", "sub"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
  return {
    authenticate: Effect.fnUntraced(function* (authorization) {
      const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? "")?.[1];
      if (token === undefined) return yield* unauthorized("expected the header `authorization: Bearer TOKEN`");
      const { payload } = yield* Effect.tryPromise({
        try: () => verify(token),
        catch: (cause) =>
          cause instanceof IssuerUnavailable ? unavailable(cause) : unauthorized((cause as Error).message, INVALID),
      });
      return { subject: payload.sub!, applications: permitted(payload, claim) };
    }),
  };
}

/** RFC 6750, section 3.1. */
const INVALID = ', error="invalid_token"';

function unauthorized(detail: string, challenge = ""): HttpProblem {
  return new HttpProblem({
    status: 401,
    detail,
    headers: { "www-authenticate": `Bearer realm="burstgrid"${challenge}` },
  });
}

const unavailable = ({ message }: IssuerUnavailable) =>
  new HttpProblem({ status: 503, detail: message, headers: { "retry-after": "5" } });
