import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Schema } from "effect";
import { ownVault, VaultConfig } from "#grid/config/vault.ts";
import { decodeGrid } from "#grid/config.ts";
import { ClusterStack } from "#stacks/cluster-stack.ts";
import { FoundationStack } from "#stacks/foundation-stack.ts";
import { bundlePrograms } from "#stacks/vault/program-image.ts";
import { VaultStack } from "#stacks/vault-stack.ts";

/** Two applications of two pools, of which `pricing` may use the database `trades`. */
const GRID = {
  pools: { general: {}, gpu: {} },
  applications: {
    pricing: { task: { command: ["true"] } },
    training: { task: { command: ["true"] }, pool: "gpu" },
  },
};

export const VAULT = {
  databases: { trades: { port: 5433, applications: ["pricing"], lease: "30 minutes" } },
} as const satisfies typeof VaultConfig.Encoded;

export interface VaultFixture extends AsyncDisposable {
  readonly template: Template;
  /** Every Kubernetes object that the stack applies itself. What only a deployment knows stands as "…". */
  readonly objects: readonly KubernetesObject[];
  /** Of the chart. */
  readonly values: Record<string, unknown>;
}

export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly [field: string]: unknown;
}

/** The Vault stack on its foundation and its cluster. */
export async function synthesizeVault({
  vault = VAULT,
  cluster = {},
}: {
  readonly vault?: typeof VaultConfig.Encoded;
  readonly cluster?: object;
} = {}): Promise<VaultFixture> {
  const grid = decodeGrid({ ...GRID, cluster }, "fixture");
  const settings = ownVault(Schema.decodeUnknownSync(VaultConfig)(vault))!;
  const outdir = join(tmpdir(), `burstgrid-vault-synth-${process.pid}-${performance.now()}`);
  const app = new App({ context: JSON.parse(readFileSync("cdk.json", "utf8")).context, outdir });
  await using programs = await bundlePrograms();
  const foundation = new FoundationStack(app, "Foundation", { grid });
  const { vpc, keys, accessLogs } = foundation;
  const { eks } = new ClusterStack(app, "Cluster", { grid, vpc, keys });
  const stack = new VaultStack(app, "Vault", {
    grid,
    vault: settings,
    cluster: eks,
    keys,
    accessLogs,
    programs: programs.path,
  });
  const template = Template.fromStack(stack);
  return {
    template,
    objects: propertiesOf(template, "Custom::AWSCDK-EKS-KubernetesResource").flatMap(
      ({ Manifest }) => JSON.parse(textOf(Manifest)) as KubernetesObject[],
    ),
    values: JSON.parse(textOf(propertiesOf(template, "Custom::AWSCDK-EKS-HelmChart")[0]?.["Values"])),
    [Symbol.asyncDispose]: () => rm(outdir, { recursive: true, force: true }),
  };
}

export const propertiesOf = (template: Template, type: string): Record<string, unknown>[] =>
  Object.values(template.findResources(type)).map((resource) => resource["Properties"]);

/** A string of a template; intrinsic functions within it, other than joins, become "…". */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const join = (value as { readonly "Fn::Join"?: readonly [string, readonly unknown[]] })["Fn::Join"];
  return join === undefined ? "…" : join[1].map(textOf).join(join[0]);
}
