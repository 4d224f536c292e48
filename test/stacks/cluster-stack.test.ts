import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, describe, expect, it } from "vitest";
import { decodeGrid, type GridConfig } from "#grid/config.ts";
import { CHARTS } from "#stacks/cluster/charts.ts";
import { ClusterStack } from "#stacks/cluster-stack.ts";
import { FoundationStack } from "#stacks/foundation-stack.ts";
import { chartValues, kubernetesObjects } from "./kubernetes-objects.ts";

const outdir = join(tmpdir(), `burstgrid-cluster-${process.pid}`);
afterAll(() => rm(outdir, { recursive: true, force: true }));

/** The cluster of a grid with these settings. */
function clusterOf(config: Partial<GridConfig> = {}): Template {
  const grid = decodeGrid({ name: "demo", applications: {}, ...config }, "test");
  const app = new App({ context: JSON.parse(readFileSync("cdk.json", "utf8")).context, outdir });
  const { vpc, keys } = new FoundationStack(app, "Foundation", { grid });
  return Template.fromStack(new ClusterStack(app, "Cluster", { grid, vpc, keys }));
}

interface Statement {
  readonly Sid?: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: object;
}

const properties = (template: Template, type: string) =>
  Object.values(template.findResources(type)).map((resource) => resource["Properties"]);
const statements = (template: Template): Statement[] =>
  properties(template, "AWS::IAM::Policy").flatMap((policy) => policy.PolicyDocument.Statement as Statement[]);

const standard = clusterOf();
const isolated = clusterOf({
  network: { nat: "none" },
  cluster: {
    endpoint: "private",
    admins: ["arn:aws:iam::123456789012:role/operators"],
    mirror: "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
  },
});

describe("the control plane", () => {
  it("is EKS 1.36, reached from the internet and the network, or from the network alone", () => {
    for (const [template, open] of [
      [standard, true],
      [isolated, false],
    ] as const) {
      template.hasResourceProperties("AWS::EKS::Cluster", {
        Version: "1.36",
        ResourcesVpcConfig: { EndpointPrivateAccess: true, EndpointPublicAccess: open },
      });
    }
  });

  it("lets in by access entries only, not even who made it", () => {
    standard.hasResourceProperties("AWS::EKS::Cluster", {
      AccessConfig: { AuthenticationMode: "API", BootstrapClusterCreatorAdminPermissions: false },
    });
  });

  it("makes administrators of CDK's kubectl and of the roles the config names, of nobody else", () => {
    const admins = (template: Template) =>
      properties(template, "AWS::EKS::AccessEntry").filter((entry) =>
        JSON.stringify(entry.AccessPolicies ?? []).includes("AmazonEKSClusterAdminPolicy"),
      );
    expect(admins(standard)).toHaveLength(1);
    expect(admins(isolated).map(({ PrincipalArn }) => PrincipalArn)).toContain(
      "arn:aws:iam::123456789012:role/operators",
    );
    expect(admins(isolated)).toHaveLength(2);
  });

  it("encrypts secrets with the grid's key and keeps all five logs in a group that was there before it", () => {
    const [[logicalId]] = Object.entries(
      standard.findResources("AWS::Logs::LogGroup", {
        Properties: { LogGroupName: "/aws/eks/demo/cluster", KmsKeyId: Match.anyValue(), RetentionInDays: 30 },
      }),
    ) as [[string, unknown]];
    standard.hasResource("AWS::EKS::Cluster", {
      Properties: {
        EncryptionConfig: [{ Provider: { KeyArn: Match.anyValue() }, Resources: ["secrets"] }],
        Logging: {
          ClusterLogging: {
            EnabledTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"].map((Type) => ({ Type })),
          },
        },
      },
      DependsOn: Match.arrayWith([logicalId]),
    });
  });

  it("is not EKS Auto Mode, whose nodes would cost more and mount nothing of ours", () => {
    standard.hasResourceProperties("AWS::EKS::Cluster", { ComputeConfig: { Enabled: false } });
  });
});

describe("system nodes", () => {
  it("are on demand, in every zone's private subnet, with AL2023", () => {
    const [nodes] = properties(standard, "AWS::EKS::Nodegroup");
    expect(nodes).toMatchObject({
      AmiType: "AL2023_x86_64_STANDARD",
      CapacityType: "ON_DEMAND",
      ScalingConfig: { MinSize: 3, MaxSize: 6 },
    });
    expect(nodes.Subnets).toHaveLength(3);
  });

  it("encrypt their volumes and give instance metadata to the node alone", () => {
    standard.hasResourceProperties("AWS::EC2::LaunchTemplate", {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
        BlockDeviceMappings: [{ Ebs: { Encrypted: true, KmsKeyId: Match.anyValue() } }],
      },
    });
  });

  it("have no rights on networks: their network plugin has its own role", () => {
    const roles = Object.entries(standard.findResources("AWS::IAM::Role")).filter(([logicalId]) =>
      /Nodes?Role/.test(logicalId),
    );
    expect(roles.length).toBe(2);
    for (const [, role] of roles) expect(JSON.stringify(role)).not.toContain("AmazonEKS_CNI_Policy");
  });
});

describe("add-ons", () => {
  const names = (template: Template) => properties(template, "AWS::EKS::Addon").map(({ AddonName }) => AddonName);

  it("are network, names, identities, volumes and metrics", () => {
    expect(names(standard).toSorted()).toEqual([
      "aws-ebs-csi-driver",
      "aws-fsx-csi-driver",
      "coredns",
      "eks-pod-identity-agent",
      "kube-proxy",
      "metrics-server",
      "vpc-cni",
    ]);
  });

  it("enforce network policies", () => {
    const [plugin] = properties(standard, "AWS::EKS::Addon").filter(({ AddonName }) => AddonName === "vpc-cni");
    expect(JSON.parse(plugin.ConfigurationValues)).toMatchObject({ enableNetworkPolicy: "true" });
  });

  it("that nodes need come before the nodes, those that need nodes after them", () => {
    const addOns = standard.findResources("AWS::EKS::Addon");
    const [[nodesId, nodes]] = Object.entries(standard.findResources("AWS::EKS::Nodegroup")) as [
      [string, { DependsOn: string[] }],
    ];
    for (const [logicalId, { Properties, DependsOn = [] }] of Object.entries(addOns)) {
      const before = ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"].includes(Properties.AddonName);
      expect(before ? nodes.DependsOn : DependsOn).toContain(before ? logicalId : nodesId);
    }
  });
});

describe("Helm charts", () => {
  it("are pinned, and wait until their pods run", () => {
    const charts = properties(standard, "Custom::AWSCDK-EKS-HelmChart");
    expect(charts).toHaveLength(Object.keys(CHARTS).length);
    for (const chart of charts) {
      expect(chart).toMatchObject({ Version: expect.stringMatching(/^v?\d+\.\d+\.\d+$/), Wait: true });
    }
  });

  it("come from their publishers, or charts and images from the account's mirror where there is one", () => {
    const repositories = (template: Template) =>
      properties(template, "Custom::AWSCDK-EKS-HelmChart").map(({ Repository }) => Repository as string);
    expect(repositories(standard)).toEqual(Object.values(CHARTS).map(({ repository }) => repository));
    for (const { name } of Object.values(CHARTS)) {
      expect(repositories(isolated)).toContain(`oci://123456789012.dkr.ecr.eu-west-1.amazonaws.com/charts/${name}`);
      expect(JSON.stringify(chartValues(isolated, name))).toContain("123456789012.dkr.ecr.eu-west-1.amazonaws.com");
    }
  });
});

describe("Karpenter", () => {
  it("learns of instances that will go from a queue that five rules fill", () => {
    const rules = properties(standard, "AWS::Events::Rule");
    expect(rules.map(({ EventPattern }) => EventPattern["detail-type"][0]).toSorted()).toEqual([
      "AWS Health Event",
      "EC2 Capacity Reservation Instance Interruption Warning",
      "EC2 Instance Rebalance Recommendation",
      "EC2 Instance State-change Notification",
      "EC2 Spot Instance Interruption Warning",
    ]);
    expect(chartValues(standard, "karpenter")).toMatchObject({
      settings: { clusterName: "demo", interruptionQueue: expect.stringContaining("Interruptions") },
    });
  });

  it("starts and ends only what carries the cluster's tag", () => {
    const own = statements(standard).filter(({ Sid }) =>
      ["LaunchTagged", "EndOwn", "LaunchByTemplate"].includes(Sid ?? ""),
    );
    expect(own).toHaveLength(3);
    for (const { Condition } of own) expect(JSON.stringify(Condition)).toContain("kubernetes.io/cluster/demo");
  });

  it("passes on no role but that of its nodes", () => {
    const [pass] = statements(standard).filter(({ Action }) => Action === "iam:PassRole");
    expect(pass!.Resource).toEqual({ "Fn::GetAtt": [expect.stringContaining("KarpenterNodeRole"), "Arn"] });
  });

  it("knows prices without the internet in an air-gapped network", () => {
    expect(chartValues(isolated, "karpenter")).toMatchObject({ settings: { isolatedVPC: true } });
    expect(chartValues(standard, "karpenter")).toMatchObject({ settings: { isolatedVPC: false } });
  });
});

it("no statement allows every action, nor any action by wildcard", () => {
  for (const template of [standard, isolated]) {
    for (const { Action } of statements(template)) {
      for (const action of [Action].flat()) expect(action).toMatch(/^[a-z0-9-]+:\w+\*?$/);
    }
  }
});

it("controllers act as roles of their own, by EKS Pod Identity", () => {
  const accounts = properties(standard, "AWS::EKS::PodIdentityAssociation").map(
    ({ Namespace, ServiceAccount }) => `${Namespace}/${ServiceAccount}`,
  );
  expect(accounts.toSorted()).toEqual(["grid-logs/log-shipper", "keda/keda-operator", "kube-system/karpenter"]);
});

describe("what masters and workers log", () => {
  const shipper = (kind: string) =>
    kubernetesObjects(standard).find((object) => object.kind === kind && object.metadata.namespace === "grid-logs")!;

  it("goes to an encrypted log group, line by line as it was written, for the metrics in it", () => {
    standard.hasResourceProperties("AWS::Logs::LogGroup", { LogGroupName: "/demo/pods", KmsKeyId: Match.anyValue() });
    const config = shipper("ConfigMap")["data"]["fluent-bit.conf"] as string;
    expect(config).toContain("/var/log/containers/*_grid_*.log");
    expect(config).toMatch(/log_key +log\n/);
  });

  it("is read on every node, a pool's own too, by who may read files and nothing else", () => {
    const { tolerations, containers, automountServiceAccountToken } = shipper("DaemonSet")["spec"].template.spec;
    expect(tolerations).toEqual([{ operator: "Exists" }]);
    expect(automountServiceAccountToken).toBe(false);
    expect(containers[0].securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"], add: ["DAC_READ_SEARCH"] },
    });
  });
});
