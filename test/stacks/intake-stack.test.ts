import { readFileSync } from "node:fs";
import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Vpc } from "aws-cdk-lib/aws-ec2";
import { Key } from "aws-cdk-lib/aws-kms";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, it } from "vitest";
import { decodeGrid, type GridConfig } from "#grid/config.ts";
import { IntakeStack } from "#stacks/intake-stack.ts";

const INTAKE = {
  domainName: "grid.example.com",
  hostedZoneId: "Z0123456789ABC",
  hostedZoneName: "example.com",
  issuer: "https://login.example.com/tenant",
  audience: "burstgrid",
} as const;

type Intake = NonNullable<GridConfig["intake"]>;

function templateOf(changes: Partial<Intake> = {}): Template {
  const grid = decodeGrid({ name: "demo", applications: {}, intake: { ...INTAKE, ...changes } }, "test");
  const app = new App({ context: JSON.parse(readFileSync("cdk.json", "utf8")).context });
  const foundation = new Stack(app, "Foundation");
  const handler = new LambdaFunction(foundation, "Handler", {
    runtime: Runtime.NODEJS_24_X,
    code: Code.fromInline("exports.handler = async () => {}"),
    handler: "index.handler",
  });
  const stack = new IntakeStack(app, "Intake", {
    grid,
    intake: grid.intake!,
    vpc: new Vpc(foundation, "Vpc"),
    logsKey: Key.fromKeyArn(
      foundation,
      "Logs",
      "arn:aws:kms:us-east-1:000000000000:key/01234567-89ab-cdef-0123-456789abcdef",
    ),
    accessLogs: Bucket.fromBucketName(foundation, "AccessLogs", "access-logs"),
    handler,
  });
  return Template.fromStack(stack);
}

interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
}

const only = (template: Template, type: string): [logicalId: string, Resource] => {
  const found = Object.entries(template.findResources(type));
  expect(found).toHaveLength(1);
  return found[0] as [string, Resource];
};

describe("the load balancer", () => {
  const template = templateOf();
  const listener = (port: number) => ({ Port: port });
  const attribute = (Key: string, Value: unknown) =>
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::LoadBalancer", {
      LoadBalancerAttributes: Match.arrayWith([{ Key, Value }]),
    });

  it("listens to HTTPS on 443, with TLS 1.2 and forward secrecy at least, and its own certificate", () => {
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::Listener", {
      ...listener(443),
      Protocol: "HTTPS",
      SslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
      Certificates: [{ CertificateArn: { Ref: only(template, "AWS::CertificateManager::Certificate")[0] } }],
    });
  });

  it("answers HTTP on 80 with nothing but the way to HTTPS, and listens nowhere else", () => {
    template.resourceCountIs("AWS::ElasticLoadBalancingV2::Listener", 2);
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::Listener", {
      ...listener(80),
      Protocol: "HTTP",
      DefaultActions: [
        { Type: "redirect", RedirectConfig: { Protocol: "HTTPS", Port: "443", StatusCode: "HTTP_301" } },
      ],
    });
  });

  it("hands only requests for the intake's own host to the Lambda", () => {
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::Listener", {
      ...listener(443),
      DefaultActions: [Match.objectLike({ Type: "fixed-response" })],
    });
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::ListenerRule", {
      Conditions: [{ Field: "host-header", HostHeaderConfig: { Values: ["grid.example.com"] } }],
      Actions: [{ Type: "forward", TargetGroupArn: { Ref: only(template, TARGET_GROUP)[0] } }],
    });
  });

  it("cannot be deleted by mistake, and drops malformed headers", () => {
    attribute("deletion_protection.enabled", "true");
    attribute("routing.http.drop_invalid_header_fields.enabled", "true");
  });

  it("logs every request to a bucket that it may write to from the start", () => {
    const [bucket] = only(template, "AWS::S3::Bucket");
    attribute("access_logs.s3.enabled", "true");
    attribute("access_logs.s3.bucket", { Ref: bucket });
    const [policy, { Properties }] = only(template, "AWS::S3::BucketPolicy");
    const { Statement } = Properties["PolicyDocument"] as { readonly Statement: readonly object[] };
    expect(Statement.at(-1)).toMatchObject({
      Effect: "Allow",
      Action: "s3:PutObject",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
    });
    expect(only(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")[1].DependsOn).toContain(policy);
  });

  it("lets in private addresses only when it is internal, unless the config names ranges", () => {
    expect(rangesOf(template)).toEqual(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]);
    expect(rangesOf(templateOf({ scheme: "internet-facing" }))).toEqual(["0.0.0.0/0"]);
    expect(rangesOf(templateOf({ allowedCidrs: ["198.51.100.0/24"] }))).toEqual(["198.51.100.0/24"]);
  });

  it("stands in public subnets only when it faces the internet", () => {
    const placeOf = (of: Template) => {
      const [, { Properties }] = only(of, "AWS::ElasticLoadBalancingV2::LoadBalancer");
      return [Properties["Scheme"], JSON.stringify(Properties["Subnets"])];
    };
    const [internal, privateSubnets] = placeOf(template);
    expect(internal).toBe("internal");
    expect(privateSubnets).not.toContain("Public");
    const [facing, publicSubnets] = placeOf(templateOf({ scheme: "internet-facing" }));
    expect(facing).toBe("internet-facing");
    expect(publicSubnets).toContain("Public");
    expect(publicSubnets).not.toContain("Private");
  });

  it("opens no connections of its own", () => {
    const [, { Properties }] = only(template, "AWS::EC2::SecurityGroup");
    expect(Properties["SecurityGroupEgress"]).toEqual([
      expect.objectContaining({ CidrIp: "255.255.255.255/32", IpProtocol: "icmp" }),
    ]);
  });

  const rangesOf = (of: Template) => {
    const [, { Properties }] = only(of, "AWS::EC2::SecurityGroup");
    const rules = Properties["SecurityGroupIngress"] as { readonly CidrIp: string; readonly FromPort: number }[];
    expect([...new Set(rules.map(({ FromPort }) => FromPort))].toSorted((a, b) => a - b)).toEqual([80, 443]);
    return [...new Set(rules.map(({ CidrIp }) => CidrIp))];
  };
});

const TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup";

describe("the Lambda", () => {
  it("may be called by this grid's target group alone, and before that registers it", () => {
    const template = templateOf();
    const [permission, { Properties }] = only(template, "AWS::Lambda::Permission");
    expect(Properties).toMatchObject({
      Action: "lambda:InvokeFunction",
      Principal: "elasticloadbalancing.amazonaws.com",
      SourceAccount: { Ref: "AWS::AccountId" },
    });
    expect(JSON.stringify(Properties["SourceArn"])).toContain(":targetgroup/demo-intake/*");
    const [, group] = only(template, TARGET_GROUP);
    expect(group.Properties).toMatchObject({ Name: "demo-intake", TargetType: "lambda" });
    expect(group.DependsOn).toContain(permission);
  });
});

describe("the firewall", () => {
  const template = templateOf({ rateLimit: 500 });
  const [acl, { Properties }] = only(template, "AWS::WAFv2::WebACL");
  const rules = Properties["Rules"] as readonly {
    readonly Name: string;
    readonly Statement: object;
    readonly OverrideAction?: object;
  }[];

  it("stands before the load balancer", () => {
    template.hasResourceProperties("AWS::WAFv2::WebACLAssociation", {
      ResourceArn: { Ref: only(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")[0] },
      WebACLArn: { "Fn::GetAtt": [acl, "Arn"] },
    });
  });

  it("stops an address that sends more than the config's rate", () => {
    expect(rules[0]).toMatchObject({
      Statement: { RateBasedStatement: { AggregateKeyType: "IP", Limit: 500, EvaluationWindowSec: 300 } },
      Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
    });
  });

  it("lets AWS's managed rules block, but for the one that would refuse a request of more than 8 KiB", () => {
    expect(rules.slice(1).map(({ Name, OverrideAction }) => [Name, OverrideAction])).toEqual(
      ["AmazonIpReputationList", "KnownBadInputsRuleSet", "CommonRuleSet", "LinuxRuleSet"].map((group) => [
        `AWSManagedRules${group}`,
        { None: {} },
      ]),
    );
    const overrides = JSON.stringify(rules).match(/"RuleActionOverrides":\[[^\]]*\]/g);
    expect(overrides).toEqual(['"RuleActionOverrides":[{"ActionToUse":{"Count":{}},"Name":"SizeRestrictions_BODY"}]']);
  });

  it("logs what it stops, encrypted, and never a token", () => {
    template.hasResourceProperties("AWS::WAFv2::LoggingConfiguration", {
      RedactedFields: [{ SingleHeader: { Name: "authorization" } }],
    });
    template.hasResourceProperties("AWS::Logs::LogGroup", {
      LogGroupName: "aws-waf-logs-demo-intake",
      KmsKeyId: Match.anyValue(),
      RetentionInDays: 30,
    });
  });
});

describe("name and certificate", () => {
  const template = templateOf();

  it("the name is an alias of the load balancer", () => {
    template.hasResourceProperties("AWS::Route53::RecordSet", {
      Name: "grid.example.com.",
      Type: "A",
      HostedZoneId: "Z0123456789ABC",
      AliasTarget: Match.anyValue(),
    });
  });

  it("the certificate validates itself in the hosted zone", () => {
    template.hasResourceProperties("AWS::CertificateManager::Certificate", {
      DomainName: "grid.example.com",
      ValidationMethod: "DNS",
      DomainValidationOptions: [{ DomainName: "grid.example.com", HostedZoneId: "Z0123456789ABC" }],
    });
  });
});

describe("the config", () => {
  const refused = (changes: object, problem: string) =>
    expect(() => templateOf(changes as Partial<Intake>)).toThrow(problem);

  it("refuses what could not be deployed, by its path", () => {
    refused({ domainName: "grid.other.com" }, "intake.domainName: expected a name in the hosted zone example.com");
    refused({ issuer: "http://login.example.com" }, "intake.issuer: expected the https URL of an OIDC issuer");
    refused({ issuer: "none" }, "intake.issuer: expected the https URL of an OIDC issuer");
    refused({ allowedCidrs: ["10.0.0.0"] }, "intake.allowedCidrs.0: expected an IPv4 range");
    refused({ rateLimit: 9 }, "intake.rateLimit:");
    refused({ hostedZone: "x" }, "intake.hostedZone: there is no such field");
  });

  it("refuses to face the internet from a network that has no way there", () => {
    const grid = (scheme: "internal" | "internet-facing") =>
      decodeGrid(
        {
          applications: {},
          network: { nat: "none" },
          cluster: { mirror: "registry.example.com" },
          intake: { ...INTAKE, scheme },
        },
        "test",
      );
    expect(() => grid("internet-facing")).toThrow('intake.scheme: expected "internal" where `network.nat` is "none"');
    expect(grid("internal").intake?.scheme).toBe("internal");
  });
});
