import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import {
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Finding } from "#cli/doctor/finding.ts";
import { run } from "../run.ts";

const sts = mockClient(STSClient);
const ec2 = mockClient(EC2Client);
const quotas = mockClient(ServiceQuotasClient);
const stacks = mockClient(CloudFormationClient);

const TYPES = ["m7i.large", "m6i.large", "c7i.2xlarge", "c6i.2xlarge"] as const;
const ZONES = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "burstgrid-doctor-"));
  await writeFile(
    join(folder, "grid.config.json"),
    JSON.stringify({ applications: { a: { task: { handler: "./a.ts" } } } }),
  );
  await writeFile(join(folder, "docker"), "", { mode: 0o755 });
});
afterAll(() => rm(folder, { recursive: true }));

/** An account that has been bootstrapped, with no grid in it and quotas enough. */
beforeEach(() => {
  for (const client of [sts, ec2, quotas, stacks]) client.reset();
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("PATH", folder);
  vi.stubEnv("CDK_DOCKER", "");
  sts.on(GetCallerIdentityCommand).resolves({ Account: "123456789012", Arn: "arn:aws:iam::123456789012:role/me" });
  ec2.on(DescribeAvailabilityZonesCommand).resolves({ AvailabilityZones: ZONES.map((ZoneName) => ({ ZoneName })) });
  ec2.on(DescribeInstanceTypeOfferingsCommand).resolves({
    InstanceTypeOfferings: TYPES.flatMap((InstanceType) => ZONES.map((Location) => ({ InstanceType, Location }))),
  });
  ec2.on(DescribeInstanceTypesCommand).resolves({
    InstanceTypes: [{ InstanceType: "m7i.large", VCpuInfo: { DefaultVCpus: 2 } }],
  });
  ec2.on(DescribeSubnetsCommand).resolves({ Subnets: [] });
  ec2.on(DescribeVpcsCommand).resolves({ Vpcs: [{}] });
  ec2.on(DescribeAddressesCommand).resolves({ Addresses: [] });
  quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: 1000 } });
  stacks
    .on(DescribeStacksCommand)
    .rejects(Object.assign(new Error("Stack with id x does not exist"), { name: "ValidationError" }));
  stacks.on(DescribeStacksCommand, { StackName: "CDKToolkit" }).resolves({
    Stacks: [{ StackName: "CDKToolkit", CreationTime: new Date(), StackStatus: "UPDATE_COMPLETE" }],
  });
});

const doctor = () => run("doctor", "--config", join(folder, "grid.config.json"));
const findings = async (): Promise<Finding[]> =>
  JSON.parse((await run("doctor", "--json", "--config", join(folder, "grid.config.json"))).stdout);
const about = async (name: string) => (await findings()).find((finding) => finding.about === name);

describe("doctor", () => {
  it("finds a fresh account ready, and says so line by line", async () => {
    const { code, stdout, stderr } = await doctor();
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^ok {4}credentials +account 123456789012 as arn:aws:iam::123456789012:role\/me$/m);
    expect(stdout).toMatch(/^ok {4}stack grid-cluster +not deployed yet$/m);
    expect(stdout).toMatch(/0 warn, 0 fail\n$/);
    expect(code).toBe(0);
  });

  it("changes nothing: all it sends are questions", async () => {
    await doctor();
    const sent = [sts, ec2, quotas, stacks].flatMap((client) =>
      client.calls().map(({ args }) => args[0].constructor.name),
    );
    expect(sent.length).toBeGreaterThan(10);
    for (const command of sent) expect(command).toMatch(/^(Get|Describe)\w+Command$/);
  });

  it("without credentials says so and asks nothing more, but still looks at what is here", async () => {
    sts.on(GetCallerIdentityCommand).rejects(new Error("Could not load credentials from any providers"));
    const { code, stdout } = await doctor();
    expect(code).toBe(1);
    expect(stdout).toContain("fail  credentials");
    expect(stdout).toContain("cluster endpoint");
    expect(ec2.calls()).toEqual([]);
  });

  it("ends with 1 where something will not work, and says what to do", async () => {
    stacks
      .on(DescribeStacksCommand, { StackName: "CDKToolkit" })
      .rejects(Object.assign(new Error("Stack with id CDKToolkit does not exist"), { name: "ValidationError" }));
    const { code, stdout } = await doctor();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail {2}bootstrap .*\n +→ run `npx cdk bootstrap`/m);
  });

  it("compares the quotas with what full pools take", async () => {
    quotas.on(GetServiceQuotaCommand, { QuotaCode: "L-34B43A08" }).resolves({ Quota: { Value: 32 } });
    expect(await about("quota L-34B43A08")).toMatchObject({
      level: "warn",
      says: "spot Standard instances: 32 vCPUs, but full pools take 70",
    });
  });

  it("looks at the free addresses of a network that is deployed, and not at the quotas it took", async () => {
    ec2
      .on(DescribeSubnetsCommand)
      .resolves({ Subnets: [{ AvailabilityZone: "eu-west-1a", AvailableIpAddressCount: 7 }] });
    expect(await about("addresses eu-west-1a")).toMatchObject({ level: "fail" });
    expect(ec2.commandCalls(DescribeVpcsCommand)).toEqual([]);
  });

  it("what it may not see is a warning, and the rest is looked at", async () => {
    ec2
      .on(DescribeInstanceTypeOfferingsCommand)
      .rejects(Object.assign(new Error("You are not authorized"), { name: "UnauthorizedOperation" }));
    const found = await findings();
    expect(found.find((finding) => finding.about === "instance types")).toMatchObject({
      level: "warn",
      says: "not looked at: UnauthorizedOperation: You are not authorized",
    });
    expect(found.some((finding) => finding.about === "stack grid-grid")).toBe(true);
  });

  it("misses a Dockerfile and the program that builds images", async () => {
    const config = join(folder, "dockerfile.json");
    const pools = { general: { image: { dockerfile: "./Dockerfile.missing" } } };
    await writeFile(config, JSON.stringify({ pools, applications: {} }));
    vi.stubEnv("CDK_DOCKER", "no-such-builder");
    const { stdout, code } = await run("doctor", "--config", config);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail {2}image general .*Dockerfile\.missing/m);
    expect(stdout).toMatch(/^fail {2}image builder .*no-such-builder/m);
  });
});
