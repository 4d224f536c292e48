import { Match } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KubernetesObject, propertiesOf, synthesizeVault, type VaultFixture } from "./vault-fixture.ts";

let fixture: VaultFixture;
beforeAll(async () => {
  fixture = await synthesizeVault();
});
afterAll(() => fixture[Symbol.asyncDispose]());

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: object;
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken?: boolean;
  readonly nodeSelector: object;
  readonly securityContext: object;
  readonly containers: readonly {
    readonly name: string;
    readonly env?: readonly { readonly name: string; readonly value: string }[];
    readonly securityContext: object;
  }[];
  readonly volumes: readonly { readonly hostPath?: object; readonly projected?: unknown }[];
}

interface ServerValues {
  readonly global: { readonly tlsDisable: boolean };
  readonly injector: { readonly enabled: boolean };
  readonly csi: { readonly enabled: boolean };
  readonly server: {
    readonly image: { readonly repository: string; readonly tag: string };
    readonly affinity: unknown;
    readonly topologySpreadConstraints: readonly object[];
    readonly nodeSelector: object;
    readonly serviceAccount: object;
    readonly statefulSet: { readonly securityContext: { readonly pod: object; readonly container: object } };
    readonly extraContainers: readonly { readonly securityContext: object }[];
    readonly ha: {
      readonly enabled: boolean;
      readonly replicas: number;
      readonly apiAddr: string;
      readonly raft: { readonly enabled: boolean; readonly setNodeId: boolean; readonly config: string };
      readonly disruptionBudget: object;
    };
  };
}

const values = () => fixture.values as unknown as ServerValues;
const server = () => values().server;
const objectsOf = (kind: string): readonly KubernetesObject[] =>
  fixture.objects.filter((object) => object.kind === kind);
const named = (kind: string, name: string): KubernetesObject =>
  objectsOf(kind).find(({ metadata }) => metadata.name === name)!;

const policies = () =>
  propertiesOf(fixture.template, "AWS::IAM::Policy").map((policy) => ({
    name: String(policy["PolicyName"]),
    statements: (policy["PolicyDocument"] as { readonly Statement: readonly Statement[] }).Statement,
  }));
const statementsOf = (owner: string) => policies().find(({ name }) => name.startsWith(owner))!.statements;

/** Pod templates of the programs around Vault, by program. */
const programPods = (): [string, PodSpec][] => {
  const templates = [
    ...objectsOf("Job").map((job) => job["spec"] as { readonly template: { readonly spec: PodSpec } }),
    ...objectsOf("CronJob").map(
      (job) =>
        (job["spec"] as { readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: PodSpec } } } })
          .jobTemplate.spec,
    ),
  ];
  return templates.map(({ template }) => [template.spec.containers[0]!.name, template.spec]);
};

const RESTRICTED_POD = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

describe("Vault's servers", () => {
  it("are five members of one raft cluster, of which one at a time may be evicted", () => {
    const { ha } = server();
    expect(ha).toMatchObject({ enabled: true, replicas: 5, disruptionBudget: { enabled: true, maxUnavailable: 1 } });
    expect(ha.raft).toMatchObject({ enabled: true, setNodeId: true });
    expect(ha.raft.config).toContain('storage "raft"');
    for (const ordinal of [0, 1, 2, 3, 4]) {
      expect(ha.raft.config).toContain(
        `leader_api_addr     = "https://vault-${ordinal}.vault-internal.vault.svc:8200"`,
      );
    }
  });

  it("may be three", async () => {
    await using three = await synthesizeVault({ vault: { replicas: 3 } });
    const { ha } = (three.values as unknown as ServerValues).server;
    expect(ha.replicas).toBe(3);
    expect(ha.raft.config.match(/retry_join/g)).toHaveLength(3);
  });

  it("spread over all zones of on-demand nodes, each on a node of its own where there are enough", () => {
    const labels = { "app.kubernetes.io/name": "vault", "app.kubernetes.io/instance": "vault", component: "server" };
    expect(server().topologySpreadConstraints).toEqual([
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: labels },
      },
    ]);
    expect(JSON.stringify(server().affinity)).toContain('"topologyKey":"kubernetes.io/hostname"');
    expect(server().nodeSelector).toEqual({ "burstgrid/nodes": "system" });
  });

  it("speak TLS 1.3 alone, to clients and among themselves, with checked certificates", () => {
    const { config } = server().ha.raft;
    expect(values().global.tlsDisable).toBe(false);
    expect(config).toContain('tls_min_version = "tls13"');
    expect(config).not.toContain("tls_disable");
    expect(config).not.toContain("http://");
    expect(config.match(/leader_ca_cert_file/g)).toHaveLength(5);
    expect(server().ha.apiAddr).toMatch(/^https:/);
  });

  it("inject nothing into other pods", () => {
    expect([values().injector.enabled, values().csi.enabled]).toEqual([false, false]);
  });

  it("come from a pinned chart and a pinned image, in a network without internet from the account's registry", async () => {
    const chart = (template: VaultFixture["template"]) => propertiesOf(template, "Custom::AWSCDK-EKS-HelmChart")[0];
    expect(chart(fixture.template)).toMatchObject({
      Chart: "vault",
      Version: "0.34.1",
      Repository: "https://helm.releases.hashicorp.com",
    });
    expect(server().image).toEqual({ repository: "hashicorp/vault", tag: "2.0.4" });
    await using mirrored = await synthesizeVault({ cluster: { mirror: "registry.example" } });
    expect(chart(mirrored.template)?.["Repository"]).toBe("oci://registry.example/charts/vault");
    expect((mirrored.values as unknown as ServerValues).server.image.repository).toBe(
      "registry.example/hashicorp/vault",
    );
    expect(JSON.stringify(mirrored.objects)).not.toContain("public.ecr.aws");
  });

  it("unseal with the KMS key by a role of their service account, which may do nothing else", () => {
    expect(server().ha.raft.config).toContain('seal "awskms"');
    expect(server().serviceAccount).toEqual({ create: false, name: "vault" });
    expect(named("ServiceAccount", "vault").metadata).toMatchObject({
      namespace: "vault",
      annotations: { "eks.amazonaws.com/role-arn": "…" },
    });
    expect(statementsOf("ServerRole")).toEqual([
      {
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"],
        Resource: { "Fn::GetStackOutput": expect.objectContaining({ StackName: "grid-foundation" }) },
      },
    ]);
    fixture.template.hasResourceProperties("Custom::AWSCDKCfnJson", {
      Value: Match.objectLike({
        "Fn::Join": Match.arrayWith([Match.arrayWith([Match.stringLikeRegexp("system:serviceaccount:vault:vault")])]),
      }),
    });
  });

  it("store on encrypted volumes that are kept when a server goes", () => {
    expect(named("StorageClass", "vault")).toMatchObject({
      parameters: { type: "gp3", encrypted: "true", kmsKeyId: "…" },
      reclaimPolicy: "Retain",
      volumeBindingMode: "WaitForFirstConsumer",
    });
  });
});

describe("what runs in Vault's namespace", () => {
  it("holds to the restricted Pod Security Standard", () => {
    expect(named("Namespace", "vault").metadata.labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "restricted",
    });
    const { pod, container } = server().statefulSet.securityContext;
    expect(pod).toMatchObject(RESTRICTED_POD);
    for (const context of [container, ...server().extraContainers.map(({ securityContext }) => securityContext)]) {
      expect(context).toMatchObject(RESTRICTED_CONTAINER);
    }
    expect(
      programPods()
        .map(([program]) => program)
        .toSorted(),
    ).toEqual(["bootstrap", "certificates", "certificates", "snapshot"]);
    for (const [, spec] of programPods()) {
      expect(spec.securityContext).toMatchObject(RESTRICTED_POD);
      for (const { securityContext } of spec.containers) expect(securityContext).toMatchObject(RESTRICTED_CONTAINER);
      for (const volume of spec.volumes) expect(volume).not.toHaveProperty("hostPath");
    }
  });

  it("is reached by the grid's pods on Vault's port, by nobody else", () => {
    expect(named("NetworkPolicy", "default-deny")["spec"]).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
    const withIngress = objectsOf("NetworkPolicy").filter(
      ({ metadata, spec }) => metadata.namespace === "vault" && "ingress" in (spec as object),
    );
    expect(withIngress.map(({ metadata }) => metadata.name)).toEqual(["servers"]);
    const { ingress } = withIngress[0]!["spec"] as {
      readonly ingress: readonly { readonly from: unknown; readonly ports: unknown }[];
    };
    expect(ingress[0]).toEqual({
      from: [
        { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "grid" } } },
        { podSelector: { matchLabels: { "app.kubernetes.io/name": "vault-program" } } },
      ],
      ports: [{ protocol: "TCP", port: 8200 }],
    });
  });

  it("connects to a database on the port that the config names", () => {
    const { egress } = named("NetworkPolicy", "servers")["spec"] as { readonly egress: readonly object[] };
    expect(egress.at(-1)).toMatchObject({ ports: [{ port: 443 }, { port: 5433 }] });
  });

  it("has a token of the Kubernetes API only where it talks to that, else one for Vault alone", () => {
    for (const [program, spec] of programPods()) {
      const forVault = spec.volumes.some(({ projected }) => projected !== undefined);
      expect([program, spec.automountServiceAccountToken, forVault]).toEqual(
        program === "certificates" ? [program, true, false] : [program, false, true],
      );
    }
    expect(JSON.stringify(programPods())).toContain('"audience":"vault"');
  });

  it("only the certificate program has permissions in the cluster, for the objects it fills and no others", () => {
    expect(objectsOf("ClusterRole")).toEqual([]);
    expect(objectsOf("RoleBinding").map(({ subjects }) => subjects)).toEqual([
      [{ kind: "ServiceAccount", name: "vault-certificates", namespace: "vault" }],
      [{ kind: "ServiceAccount", name: "vault-certificates", namespace: "vault" }],
    ]);
    expect(objectsOf("Role").flatMap(({ rules }) => rules)).toEqual([
      {
        apiGroups: [""],
        resources: ["secrets"],
        resourceNames: ["vault-authority", "vault-tls"],
        verbs: ["get", "patch"],
      },
      { apiGroups: [""], resources: ["configmaps"], resourceNames: ["vault-ca"], verbs: ["patch"] },
    ]);
  });
});

describe("secrets", () => {
  it("there is none in any manifest, value or environment variable", () => {
    for (const secret of objectsOf("Secret")) {
      expect(Object.keys(secret).toSorted()).toEqual(["apiVersion", "kind", "metadata", "type"]);
    }
    const text = JSON.stringify([fixture.template.toJSON(), fixture.objects, fixture.values]);
    expect(text).not.toMatch(/hvs\.|BEGIN [A-Z ]*PRIVATE KEY|SecretString|"VAULT_TOKEN"/);
    for (const [, { containers }] of programPods()) {
      for (const { name } of containers.flatMap(({ env }) => env ?? []))
        expect(name).not.toMatch(/PASSWORD|SECRET|_TOKEN$/);
    }
  });

  it("the recovery keys' object is read and written by the bootstrap alone, snapshots are added by their own role alone", () => {
    const touching = (path: string) =>
      policies()
        .filter(({ statements }) => JSON.stringify(statements).includes(path))
        .map(({ name }) => name.replace(/Identity.*/, ""));
    expect(touching("/recovery/init.json")).toEqual(["Bootstrap"]);
    expect(touching("/snapshots/*")).toEqual(["Snapshots"]);
    expect(JSON.stringify(statementsOf("Snapshots"))).not.toMatch(/GetObject|ListBucket|kms:Decrypt/);
  });

  it("who may use the unseal key for the bucket may do so by way of S3 only", () => {
    for (const owner of ["Bootstrap", "Snapshots"]) {
      const use = statementsOf(owner).filter(({ Action }) => JSON.stringify(Action).includes("kms:"));
      expect(use).toHaveLength(1);
      expect(use[0]?.Condition).toEqual({
        StringEquals: { "kms:ViaService": { "Fn::Join": ["", ["s3.", { Ref: "AWS::Region" }, ".amazonaws.com"]] } },
      });
    }
  });
});

describe("permissions", () => {
  it("no statement allows every action, or anything on every resource", () => {
    expect(policies().length).toBeGreaterThan(3);
    for (const { statements } of policies()) {
      for (const { Action, Resource } of statements) {
        expect([Action].flat()).not.toContain("*");
        expect([Resource].flat()).not.toContain("*");
        for (const action of [Action].flat()) expect(action).not.toMatch(/\*/);
      }
    }
  });
});

describe("backup and audit", () => {
  it("the bucket is private, versioned, encrypted with the key that unseals, reached by TLS only, and outlives the stack", () => {
    fixture.template.hasResource("AWS::S3::Bucket", {
      DeletionPolicy: "Retain",
      Properties: {
        VersioningConfiguration: { Status: "Enabled" },
        PublicAccessBlockConfiguration: Match.objectLike({ BlockPublicPolicy: true, RestrictPublicBuckets: true }),
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            Match.objectLike({ ServerSideEncryptionByDefault: Match.objectLike({ SSEAlgorithm: "aws:kms" }) }),
          ],
        },
        LoggingConfiguration: Match.objectLike({ LogFilePrefix: "vault/" }),
      },
    });
    fixture.template.hasResourceProperties("AWS::S3::BucketPolicy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
        ]),
      },
    });
  });

  it("snapshots are taken by the clock, never two at a time", () => {
    expect(named("CronJob", "vault-snapshot")["spec"]).toMatchObject({
      schedule: "17 * * * *",
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
    });
  });

  it("audit entries go to an encrypted log group of their own, which is kept for a year and outlives the stack", () => {
    fixture.template.hasResource("AWS::Logs::LogGroup", {
      DeletionPolicy: "Retain",
      Properties: { LogGroupName: "/grid/vault/audit", RetentionInDays: 365, KmsKeyId: Match.anyValue() },
    });
    const config = named("ConfigMap", "audit-shipper")["data"] as Readonly<Record<string, string>>;
    expect(config["fluent-bit.conf"]).toContain("/var/log/containers/vault-*_vault_vault-*.log");
  });

  it("who ships them sees the nodes' logs read-only, from a namespace of its own", () => {
    const { spec } = (named("DaemonSet", "audit-shipper")["spec"] as { readonly template: { readonly spec: PodSpec } })
      .template;
    expect(named("DaemonSet", "audit-shipper").metadata.namespace).toBe("vault-audit");
    expect(spec.containers[0]).toMatchObject({
      volumeMounts: expect.arrayContaining([{ name: "logs", mountPath: "/var/log", readOnly: true }]),
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    });
  });
});

describe("Jobs", () => {
  it("a change of the plan is a Job of another name, for Kubernetes changes none", async () => {
    const bootstrapOf = ({ objects }: VaultFixture) =>
      objects.find(({ kind, metadata }) => kind === "Job" && metadata.name.startsWith("vault-bootstrap-"))?.metadata
        .name;
    await using again = await synthesizeVault();
    await using changed = await synthesizeVault({ vault: {} });
    expect(bootstrapOf(again)).toBe(bootstrapOf(fixture));
    expect(bootstrapOf(changed)).not.toBe(bootstrapOf(fixture));
  });
});
