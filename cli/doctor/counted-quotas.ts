import { zoneCount } from "#grid/config/network.ts";
import type { Grid } from "#grid/config.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** A quota on things that are counted, how many there are, and how many a deployment adds. */
export interface CountedQuota {
  readonly service: string;
  readonly code: string;
  readonly name: string;
  readonly used: number;
  readonly added: number;
}

const NAT_GATEWAYS = { none: () => 0, one: () => 1, zone: (zones: number) => zones } as const;

/** What a grid whose network is not deployed yet adds to an account. */
export const networkQuotas = ({ network }: Grid, used: { readonly vpcs: number; readonly addresses: number }) =>
  [
    { service: "vpc", code: "L-F678F1CE", name: "VPCs", used: used.vpcs, added: 1 },
    {
      service: "ec2",
      code: "L-0263D0A3",
      name: "Elastic IP addresses",
      used: used.addresses,
      added: NAT_GATEWAYS[network.nat](zoneCount(network)),
    },
  ] satisfies CountedQuota[];

export function judgeCount({ service, code, name, used, added }: CountedQuota, quota: number): Finding {
  const about = `quota ${code}`;
  const says = `${name}: ${used} of ${quota} are used, the network adds ${added}`;
  return used + added <= quota
    ? ok(about, says)
    : fail(
        about,
        says,
        `ask for more: aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${used + added}`,
      );
}

/** Lambda's quota on concurrent executions: service `lambda`, this code. */
export const CONCURRENCY_CODE = "L-B99A9384";
/** Collect takes 70 at most; Dispatch has one for each chunk that starts, and 100 start in a second. */
const CONCURRENCY_NEEDED = 200;

export const judgeConcurrency = (quota: number): Finding => {
  const about = `quota ${CONCURRENCY_CODE}`;
  const says = `Lambda: ${quota} concurrent executions, the grid takes up to ${CONCURRENCY_NEEDED}`;
  return quota >= CONCURRENCY_NEEDED
    ? ok(about, says)
    : warn(
        about,
        says,
        `ask for more: aws service-quotas request-service-quota-increase --service-code lambda --quota-code ${CONCURRENCY_CODE} --desired-value 1000`,
      );
};
