import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import type { NetworkConfig } from "#grid/config/network.ts";
import { foundationOf } from "./synthesize-platform.ts";

const templateOf = (network: typeof NetworkConfig.Encoded = {}) =>
  foundationOf({ network, cluster: { mirror: "registry.example.com" } }).template();

interface Subnet {
  readonly AvailabilityZone: unknown;
  readonly CidrBlock: string;
  readonly MapPublicIpOnLaunch: boolean;
}

const subnetsOf = (template: ReturnType<typeof templateOf>) =>
  Object.values(template.findResources("AWS::EC2::Subnet")).map(({ Properties }) => Properties as Subnet);

describe("the network", () => {
  it("has in each of three zones a large private subnet and a small one for load balancers", () => {
    const subnets = subnetsOf(templateOf());
    expect(subnets.map(({ CidrBlock }) => CidrBlock.split("/")[1])).toEqual(["18", "18", "18", "24", "24", "24"]);
    expect(new Set(subnets.map(({ AvailabilityZone }) => JSON.stringify(AvailabilityZone))).size).toBe(3);
  });

  it("gives no instance a public address by itself", () => {
    for (const subnet of subnetsOf(templateOf())) expect(subnet.MapPublicIpOnLaunch).toBe(false);
  });

  it("grows from two zones to three without moving a subnet", () => {
    const [two, three] = [subnetsOf(templateOf({ zones: 2 })), subnetsOf(templateOf({ zones: 3 }))];
    expect(three).toEqual(expect.arrayContaining(two));
  });

  it("takes zones by name", () => {
    const zones = subnetsOf(templateOf({ zones: ["eu-west-1a", "eu-west-1c"] })).map(
      (subnet) => subnet.AvailabilityZone,
    );
    expect(zones).toEqual(["eu-west-1a", "eu-west-1c", "eu-west-1a", "eu-west-1c"]);
  });

  it.each([
    ["none", 0, 0],
    ["one", 1, 1],
    ["zone", 3, 1],
  ] as const)("nat %s: %i NAT gateways, %i internet gateways", (nat, gateways, internet) => {
    const template = templateOf({ nat });
    template.resourceCountIs("AWS::EC2::NatGateway", gateways);
    template.resourceCountIs("AWS::EC2::InternetGateway", internet);
  });

  it("reaches S3 and DynamoDB by gateways, and the services of pods and Lambdas by endpoints that take HTTPS from the VPC only", () => {
    const template = templateOf();
    const endpoints = Object.values(template.findResources("AWS::EC2::VPCEndpoint"));
    const ofType = (type: string) => endpoints.filter(({ Properties }) => Properties.VpcEndpointType === type);
    expect(ofType("Gateway")).toHaveLength(2);
    const services = ofType("Interface").map(({ Properties }) => JSON.stringify(Properties.ServiceName));
    for (const service of [
      "sqs",
      "states",
      "events",
      "sts",
      "kms",
      "logs",
      "eks-auth",
      "ecr.dkr",
      "ec2",
      "ssmmessages",
    ])
      expect(services.join()).toContain(`.${service}"`);
    template.hasResourceProperties("AWS::EC2::SecurityGroup", {
      SecurityGroupIngress: [{ CidrIp: "10.40.0.0/16", FromPort: 443, ToPort: 443, IpProtocol: "tcp" }].map((rule) =>
        Match.objectLike(rule),
      ),
    });
  });

  it("without interface endpoints still has the gateways, which cost nothing", () => {
    templateOf({ interfaceEndpoints: false }).resourceCountIs("AWS::EC2::VPCEndpoint", 2);
  });

  it("logs all its flows for the days that the config says", () => {
    const template = templateOf({ flowLogDays: 90 });
    template.hasResourceProperties("AWS::EC2::FlowLog", { TrafficType: "ALL", ResourceType: "VPC" });
    template.hasResourceProperties("AWS::Logs::LogGroup", { RetentionInDays: 90 });
  });
});

describe("what a network cannot be is refused by the path of the field", () => {
  it.each([
    [{ nat: "none", interfaceEndpoints: false }, "network.interfaceEndpoints: expected true where `nat` is"],
    [{ cidr: "10.0.0.0/24" }, "network.cidr: expected an IPv4 range of /16 to /20"],
  ] as const)("%j", (network, message) => {
    expect(() => foundationOf({ network })).toThrow(message);
  });

  it("a load balancer on the internet of a network that has none", () => {
    const intake = {
      domainName: "grid.example.com",
      hostedZoneId: "Z0123456789ABC",
      hostedZoneName: "example.com",
      scheme: "internet-facing",
      issuer: "https://login.example.com",
      audience: "grid",
    } as const;
    const cluster = { mirror: "registry.example.com" };
    expect(() => foundationOf({ network: { nat: "none" }, cluster, intake })).toThrow(
      'intake.scheme: expected "internal" where `network.nat` is "none"',
    );
  });

  it("a file system in a zone that the network does not have", () => {
    expect(() => foundationOf({ network: { zones: 2 }, fileSystem: { zone: 2 } })).toThrow(
      "fileSystem.zone: expected a number below 2, the network's zones, came 2",
    );
  });
});

describe("keys", () => {
  interface Statement {
    readonly Principal: { readonly AWS?: unknown; readonly Service?: unknown };
    readonly Condition?: object;
  }

  it("are used by AWS's services, and by whom no ARN can name yet, only for this account", () => {
    for (const { Properties } of Object.values(foundationOf().template().findResources("AWS::KMS::Key"))) {
      for (const { Principal, Condition } of Properties.KeyPolicy.Statement as Statement[]) {
        const isThisAccount = JSON.stringify(Principal.AWS ?? "").includes(":root");
        if (!isThisAccount) expect(JSON.stringify(Condition)).toContain('{"Ref":"AWS::AccountId"}');
      }
    }
  });

  it("the one that unseals Vault is used by no service", () => {
    const keys = Object.values(foundationOf().template().findResources("AWS::KMS::Key"));
    const vault = keys.find(({ Properties }) => Properties.Description.includes("Vault"));
    expect(vault?.["Properties"].KeyPolicy.Statement).toHaveLength(1);
  });
});
