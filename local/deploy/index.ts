import type { Assembly } from "./assembly.ts";
import { DeployError } from "./deploy-error.ts";
import type { Services } from "./services.ts";
import { deployStack } from "./stack.ts";

export type { Assembly } from "./assembly.ts";
export { readAssembly } from "./assembly.ts";
export { DeployError } from "./deploy-error.ts";
export type { Services } from "./services.ts";

export interface DeployOptions {
  readonly assembly: Assembly;
  /** Values of the stacks' parameters, by the stack's id in the app (`Grid`, `Pools`) and the parameter's name. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly services: Services;
}

export interface Deployed {
  /** By stack id and output name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly exports: ReadonlyMap<string, unknown>;
}

/**
 * Deploys the stacks of an assembly to the local services, as CloudFormation does to AWS's. Tables and buckets that are there
 * already are kept. Throws a DeployError that names stack, resource and property for anything not implemented.
 */
export async function deploy({ assembly, parameters, services }: DeployOptions): Promise<Deployed> {
  for (const id of Object.keys(parameters)) checkParameters(assembly, id, Object.keys(parameters[id]!));
  const outputsByName = new Map<string, Readonly<Record<string, unknown>>>();
  const exports = new Map<string, unknown>();
  const outputs: Record<string, Readonly<Record<string, unknown>>> = {};
  for (const stack of assembly.stacks) {
    outputs[stack.id] = await deployStack({
      stack,
      parameters: parameters[stack.id] ?? {},
      outputs: outputsByName,
      exports,
      context: { services, assembly },
    });
  }
  return { outputs, exports };
}

function checkParameters(assembly: Assembly, id: string, names: readonly string[]): void {
  const stack = assembly.stacks.find((candidate) => candidate.id === id);
  if (stack === undefined) {
    const known = assembly.stacks.map((candidate) => candidate.id).join(", ");
    throw new DeployError(`parameters were given for a stack ${id}; the assembly has ${known}`);
  }
  const declared = Object.keys(stack.template.Parameters ?? {});
  const unknown = names.filter((name) => !declared.includes(name));
  if (unknown.length > 0)
    throw new DeployError(`stack ${id} has no parameter ${unknown.join(", ")} (it has: ${declared.join(", ")})`);
}
