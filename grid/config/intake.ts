import { Schema } from "effect";
import { withDefault } from "./fields.ts";

const DomainName = Schema.String.check(
  Schema.isPattern(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, {
    message: 'expected a domain name in lower case such as "grid.example.com"',
  }),
);

const HostedZoneId = Schema.String.check(
  Schema.isPattern(/^Z[A-Z0-9]{1,31}$/, {
    message: 'expected the id of a Route 53 hosted zone such as "Z0123456789ABC"',
  }),
);

const Ipv4Range = Schema.String.check(
  Schema.isPattern(/^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!\/)|(?=\/))){4}\/(3[0-2]|[12]?\d)$/, {
    message: 'expected an IPv4 range such as "10.0.0.0/8"',
  }),
);

const Issuer = Schema.String.check(
  Schema.isPattern(/^https:\/\/[^\s?#]+$/, {
    message: "expected the https URL of an OIDC issuer, as its tokens have it in `iss`, without query or fragment",
  }),
);

/**
 * HTTPS in front of the grid: jobs are submitted and read with an OIDC issuer's access tokens (docs/api.md). Costs are us-east-1 list
 * prices a month: load balancer $16 and $6 an LCU, web ACL with five rules $10 and $0.60 a million requests; the certificate is free.
 */
export const IntakeConfig = Schema.Struct({
  /** Where the API answers: a name in the hosted zone. */
  domainName: DomainName,
  /** Public hosted zone in this account: it gets the name's record, and the record that validates the certificate. */
  hostedZoneId: HostedZoneId,
  /** That zone's name. */
  hostedZoneName: DomainName,
  /** "internet-facing": in the public subnets. "internal": reached from the VPC and what is connected to it. Default "internal". */
  scheme: withDefault(Schema.Literals(["internal", "internet-facing"]), "internal"),
  /** IPv4 ranges that may connect. Default: private addresses (RFC 1918) when internal, every address when internet-facing. */
  allowedCidrs: Schema.optionalKey(Schema.Array(Ipv4Range).check(Schema.isMinLength(1), Schema.isUnique())),
  /** Whose tokens are taken: keys are found by its `/.well-known/openid-configuration`, which must be reachable from the internet. */
  issuer: Issuer,
  /** What a token must have in `aud`. */
  audience: Schema.NonEmptyString,
  /**
   * The claim that names the applications a caller may use: an array of names, or names with spaces between; "*" is all. In `scope` and
   * `scp` only items of the form `applications:NAME` count. Default "grid:applications".
   */
  applicationsClaim: withDefault(Schema.NonEmptyString, "grid:applications"),
  /** Requests that one address may send in five minutes; AWS WAF takes 10 to 2,000,000,000. Default 2,000. */
  rateLimit: withDefault(Schema.Int.check(Schema.isBetween({ minimum: 10, maximum: 2_000_000_000 })), 2000),
}).check(
  Schema.makeFilter(({ domainName, hostedZoneName }) =>
    domainName === hostedZoneName || domainName.endsWith(`.${hostedZoneName}`)
      ? true
      : { path: ["domainName"], issue: `expected a name in the hosted zone ${hostedZoneName}, came ${domainName}` },
  ),
);
export type IntakeConfig = typeof IntakeConfig.Type;

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
const EVERYWHERE = ["0.0.0.0/0"];

/** The IPv4 ranges that may connect to the load balancer. */
export const allowedRanges = ({ scheme, allowedCidrs }: IntakeConfig): readonly string[] =>
  allowedCidrs ?? (scheme === "internal" ? PRIVATE : EVERYWHERE);
