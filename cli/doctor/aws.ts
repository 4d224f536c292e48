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
import type { FreeAddresses } from "./addresses.ts";
import type { Offerings } from "./instance-types.ts";

/** What the doctor asks of an account; it changes nothing. Calls reject with what the SDK throws. */
export class Account {
  readonly #sts = new STSClient();
  readonly #ec2 = new EC2Client();
  readonly #quotas = new ServiceQuotasClient();
  readonly #stacks = new CloudFormationClient();

  /** Rejects where no region is set. */
  region(): Promise<string> {
    return this.#ec2.config.region();
  }

  async identity(): Promise<{ readonly account: string; readonly arn: string }> {
    const { Account: account, Arn } = await this.#sts.send(new GetCallerIdentityCommand());
    return { account: account!, arn: Arn! };
  }

  /** Zones by name, without Local Zones and Wavelength Zones. */
  async zones(): Promise<string[]> {
    const { AvailabilityZones = [] } = await this.#ec2.send(
      new DescribeAvailabilityZonesCommand({
        Filters: [
          { Name: "zone-type", Values: ["availability-zone"] },
          { Name: "state", Values: ["available"] },
        ],
      }),
    );
    return AvailabilityZones.map(({ ZoneName }) => ZoneName!);
  }

  async offerings(instanceTypes: readonly string[]): Promise<Offerings> {
    const { InstanceTypeOfferings = [] } = await this.#ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: "availability-zone",
        Filters: [{ Name: "instance-type", Values: [...instanceTypes] }],
      }),
    );
    const byType = Map.groupBy(InstanceTypeOfferings, ({ InstanceType }) => String(InstanceType));
    return new Map([...byType].map(([type, offers]) => [type, new Set(offers.map(({ Location }) => Location!))]));
  }

  async vcpus(instanceTypes: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { InstanceTypes = [] } = await this.#ec2.send(
      // A filter, as a type that the region does not know would make the call by name fail.
      new DescribeInstanceTypesCommand({ Filters: [{ Name: "instance-type", Values: [...instanceTypes] }] }),
    );
    return new Map(InstanceTypes.map(({ InstanceType, VCpuInfo }) => [String(InstanceType), VCpuInfo!.DefaultVCpus!]));
  }

  /** Of the grid's compute subnets; none before its network is deployed. */
  async freeAddresses(grid: string): Promise<FreeAddresses[]> {
    const { Subnets = [] } = await this.#ec2.send(
      new DescribeSubnetsCommand({
        Filters: [
          { Name: "tag:burstgrid:grid", Values: [grid] },
          { Name: "tag:aws-cdk:subnet-name", Values: ["compute"] },
        ],
      }),
    );
    return Subnets.map(({ AvailabilityZone, AvailableIpAddressCount }) => ({
      zone: AvailabilityZone!,
      free: AvailableIpAddressCount!,
    }));
  }

  async quota(service: string, code: string): Promise<number> {
    const { Quota } = await this.#quotas.send(new GetServiceQuotaCommand({ ServiceCode: service, QuotaCode: code }));
    return Quota!.Value!;
  }

  async vpcCount(): Promise<number> {
    return (await this.#ec2.send(new DescribeVpcsCommand())).Vpcs?.length ?? 0;
  }

  async elasticAddressCount(): Promise<number> {
    return (await this.#ec2.send(new DescribeAddressesCommand())).Addresses?.length ?? 0;
  }

  /** CloudFormation's state of a stack; undefined where there is none of this name. */
  async stackState(name: string): Promise<string | undefined> {
    try {
      const { Stacks } = await this.#stacks.send(new DescribeStacksCommand({ StackName: name }));
      return Stacks?.[0]?.StackStatus;
    } catch (error) {
      if (error instanceof Error && error.name === "ValidationError" && error.message.includes("does not exist")) {
        return undefined;
      }
      throw error;
    }
  }

  close(): void {
    for (const client of [this.#sts, this.#ec2, this.#quotas, this.#stacks]) client.destroy();
  }
}
