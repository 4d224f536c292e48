import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Assembly, type AssemblyStack, readAssembly } from "#local/deploy/assembly.ts";
import { resolve, type Scope } from "#local/deploy/intrinsics.ts";
import { pseudoParameter } from "#local/deploy/pseudo-parameters.ts";
import { type Manifest, manifestOf } from "#local/real-cluster/fields.ts";
import { synthesize } from "#local/synth.ts";

/** What the CDK app has for a cluster, with made-up ids for what AWS would give. */
export interface Platform {
  readonly manifests: readonly Manifest[];
  /** Groups that the access entry of whoever starts masters names. */
  readonly launcherGroups: readonly string[];
}

const MANIFEST = "Custom::AWSCDK-EKS-KubernetesResource";

/** Ids in the form that admission checks, by resource type; for all others the logical id does. */
const IDS: Readonly<Record<string, string>> = {
  "AWS::EC2::Subnet": "subnet-0123456789abcdef0",
  "AWS::EC2::SecurityGroup": "sg-0123456789abcdef0",
  "AWS::EKS::Cluster": "sg-0123456789abcdef0",
};

export async function platformOf(config: string): Promise<Platform> {
  const state = await mkdtemp(join(tmpdir(), "burstgrid-platform-"));
  try {
    const assembly = await readAssembly((await synthesize({ config, state })).assembly);
    return {
      manifests: inOrder(assembly.stacks.flatMap((stack) => manifestsOf(stack, assembly))),
      launcherGroups: assembly.stacks.flatMap(groupsOf),
    };
  } finally {
    await rm(state, { recursive: true });
  }
}

function manifestsOf(stack: AssemblyStack, assembly: Assembly): Manifest[] {
  return Object.values(stack.template.Resources)
    .filter(({ Type }) => Type === MANIFEST)
    .flatMap(({ Properties }) => {
      const text = resolve((Properties as { Manifest: unknown }).Manifest, scopeOf(stack, assembly)) as string;
      return (JSON.parse(text) as unknown[]).map(manifestOf);
    });
}

function groupsOf({ template }: AssemblyStack): string[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === "AWS::EKS::AccessEntry")
    .flatMap(({ Properties }) => (Properties as { KubernetesGroups?: string[] }).KubernetesGroups ?? []);
}

/** A resource is known by its logical id, or by an id of its type's form. */
function scopeOf(stack: AssemblyStack, assembly: Assembly): Scope {
  const made = (id: string) => IDS[stack.template.Resources[id]?.Type ?? ""] ?? id.toLowerCase();
  const scope: Scope = {
    ref: (name) => pseudoParameter(name, stack.name) ?? stack.template.Parameters?.[name]?.Default ?? made(name),
    attribute: (id, attribute) => (attribute.endsWith("Arn") ? `arn:aws:service:::${made(id)}` : made(id)),
    condition: () => true,
    imported: (name) => name,
    stackOutput: (name, output) => {
      const other = assembly.stacks.find((each) => each.name === name)!;
      return resolve(other.template.Outputs?.[output]?.Value, scopeOf(other, assembly));
    },
  };
  return scope;
}

/** Namespaces, then what others refer to, then the rest: as the templates' dependencies have it. */
const FIRST = ["Namespace", "PriorityClass", "ServiceAccount", "Role", "ClusterRole", "PersistentVolume"];

const inOrder = (manifests: readonly Manifest[]): Manifest[] => {
  const rank = ({ kind }: Manifest) => (FIRST.includes(kind) ? FIRST.indexOf(kind) : FIRST.length);
  return manifests.toSorted((one, other) => rank(one) - rank(other));
};
