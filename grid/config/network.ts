import { Schema } from "effect";
import { LogDays, withDefault } from "./fields.ts";

const ZoneName = Schema.String.check(
  Schema.isPattern(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, { message: 'expected an availability zone such as "eu-west-1a"' }),
);

/** The compute subnets take a quarter of the range each, so it must leave room for pods: at most /20. */
const Cidr = Schema.String.check(
  Schema.isPattern(/^\d{1,3}(\.\d{1,3}){3}\/(1[6-9]|20)$/, {
    message: 'expected an IPv4 range of /16 to /20 such as "10.40.0.0/16"',
  }),
);

/** The VPC. Costs are us-east-1 list prices, a month of 730 hours, before traffic. */
export const NetworkConfig = Schema.Struct({
  /** Range of the VPC, /16 to /20. Every pod has an address of it. Default "10.40.0.0/16": 16,384 addresses a zone. */
  cidr: withDefault(Cidr, "10.40.0.0/16"),
  /** How many availability zones, or which by name (not every zone offers EKS). Default 3; 2 is the least EKS takes. */
  zones: withDefault(
    Schema.Union([
      Schema.Literals([2, 3]),
      Schema.Array(ZoneName).check(Schema.isMinLength(2), Schema.isMaxLength(3), Schema.isUnique()),
    ]),
    3,
  ),
  /**
   * Ways out to the internet: "one" NAT gateway ($33; without its zone there is no internet, but AWS and the cluster stay within
   * reach), one in each "zone" ($33 each), or "none": an air-gapped network without public subnets, whose images all come from the
   * account's own registry. Default "one".
   */
  nat: withDefault(Schema.Literals(["none", "one", "zone"]), "one"),
  /**
   * Private endpoints of the AWS services that pods, nodes and Lambdas call ($7.30 each a zone: about $370 for three zones). False:
   * those calls leave by NAT. S3 and DynamoDB have gateway endpoints in any case, which cost nothing. Default true.
   */
  interfaceEndpoints: withDefault(Schema.Boolean, true),
  /** Days that flow logs are kept ($0.50 a GB taken in). Default 30. */
  flowLogDays: withDefault(LogDays, 30),
}).check(
  Schema.makeFilter((network) =>
    network.nat !== "none" || network.interfaceEndpoints
      ? true
      : {
          path: ["interfaceEndpoints"],
          issue: 'expected true where `nat` is "none": nothing else would lead to AWS\'s services',
        },
  ),
);
export type NetworkConfig = typeof NetworkConfig.Type;

/** How many zones a network spans. */
export const zoneCount = ({ zones }: NetworkConfig): number => (typeof zones === "number" ? zones : zones.length);
