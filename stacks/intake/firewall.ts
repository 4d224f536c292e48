import { RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from "aws-cdk-lib/aws-wafv2";
import { Construct } from "constructs";

interface FirewallProps {
  /** Name of the web ACL. */
  readonly name: string;
  /** Requests that one address may send in five minutes. */
  readonly rateLimit: number;
  readonly logDays: number;
  /** Encrypts the log. */
  readonly logsKey: IKey;
}

/** AWS's own rule groups, in the order in which they look at a request. */
const MANAGED = [
  "AWSManagedRulesAmazonIpReputationList",
  "AWSManagedRulesKnownBadInputsRuleSet",
  "AWSManagedRulesCommonRuleSet",
  "AWSManagedRulesLinuxRuleSet",
] as const;

/** Rules that only count: a job request may have more than the 8 KiB of a body at which this one would block it. */
const COUNTED: Readonly<Partial<Record<(typeof MANAGED)[number], string>>> = {
  AWSManagedRulesCommonRuleSet: "SizeRestrictions_BODY",
};

/** The web ACL before the load balancer: a rate for each address, then AWS's managed rules. What is not blocked passes. */
export class Firewall extends Construct {
  private readonly acl: CfnWebACL;

  constructor(scope: Construct, id: string, { name, rateLimit, logDays, logsKey }: FirewallProps) {
    super(scope, id);
    this.acl = new CfnWebACL(this, "Acl", {
      name,
      description: "In front of the intake of the grid",
      scope: "REGIONAL",
      defaultAction: { allow: {} },
      visibilityConfig: visible(name),
      rules: [
        {
          name: "Rate",
          priority: 0,
          action: { block: { customResponse: { responseCode: 429 } } },
          statement: { rateBasedStatement: { aggregateKeyType: "IP", limit: rateLimit, evaluationWindowSec: 300 } },
          visibilityConfig: visible("Rate"),
        },
        ...MANAGED.map((group, at) => ({
          name: group,
          priority: at + 1,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: {
              vendorName: "AWS",
              name: group,
              ...(COUNTED[group] !== undefined && {
                ruleActionOverrides: [{ name: COUNTED[group], actionToUse: { count: {} } }],
              }),
            },
          },
          visibilityConfig: visible(group),
        })),
      ],
    });

    const log = new LogGroup(this, "Log", {
      // WAF writes to groups of this prefix only.
      logGroupName: `aws-waf-logs-${name}`,
      retention: logDays,
      encryptionKey: logsKey,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    new CfnLoggingConfiguration(this, "Logging", {
      resourceArn: this.acl.attrArn,
      logDestinationConfigs: [log.logGroupArn],
      // Tokens are good for whoever reads them.
      redactedFields: [{ singleHeader: { Name: "authorization" } }],
      loggingFilter: {
        DefaultBehavior: "DROP",
        Filters: [
          {
            Behavior: "KEEP",
            Requirement: "MEETS_ANY",
            Conditions: [{ ActionCondition: { Action: "BLOCK" } }, { ActionCondition: { Action: "COUNT" } }],
          },
        ],
      },
    });
  }

  /** Puts the web ACL before a load balancer. */
  protect(loadBalancerArn: string): void {
    new CfnWebACLAssociation(this, "Protects", { resourceArn: loadBalancerArn, webAclArn: this.acl.attrArn });
  }
}

const visible = (metricName: string) => ({ metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true });
