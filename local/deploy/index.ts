import type { Assembly, AssemblyStack } from "./assembly.ts";
import { DeployError } from "./deploy-error.ts";
import type { Services } from "./services.ts";
import { deployStack } from "./stack.ts";
import { type StandIns, standInOutput } from "./stand-in.ts";
import { checkTemplate } from "./template.ts";

export type { Assembly } from "./assembly.ts";
export { readAssembly } from "./assembly.ts";
export { DeployError } from "./deploy-error.ts";
export type { Services } from "./services.ts";
export type { StandIns } from "./stand-in.ts";

export interface DeployOptions {
  readonly assembly: Assembly;
  /** Ids in the app (`Grid`, `Pools`) of the stacks to deploy. */
  readonly stacks: readonly string[];
  /** For resources of the other stacks whose attributes these ask for. */
  readonly standIns: StandIns;
  /** Values of the stacks' parameters, by the stack's id and the parameter's name. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly services: Services;
}

export interface Deployed {
  /** By stack id and output name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly exports: ReadonlyMap<string, unknown>;
}

/**
 * Deploys stacks of an assembly to the local services, as CloudFormation does to AWS's. Tables and buckets that are there already
 * are kept. Throws a DeployError that names stack, resource and property for anything not implemented.
 */
export async function deploy({
  assembly,
  stacks,
  standIns,
  parameters = {},
  services,
}: DeployOptions): Promise<Deployed> {
  checkStacks(assembly, stacks);
  const deployed = assembly.stacks.filter(({ id }) => stacks.includes(id));
  for (const { id, template } of deployed) checkTemplate(id, template);
  for (const id of Object.keys(parameters)) checkParameters(deployed, id, Object.keys(parameters[id]!));

  const exports = new Map<string, unknown>();
  const parameterStore = new Map<string, string>();
  const outputs: Record<string, Readonly<Record<string, unknown>>> = {};
  const stackOutput = (stackName: string, outputName: string): unknown => {
    const stack = assembly.stacks.find(({ name }) => name === stackName);
    if (stack !== undefined && !deployed.includes(stack)) return standInOutput(stack, outputName, standIns);
    const from = stack === undefined ? undefined : outputs[stack.id];
    if (from !== undefined && Object.hasOwn(from, outputName)) return from[outputName];
    throw new DeployError(`no stack ${stackName} with an output ${outputName} was deployed before this one`);
  };
  for (const stack of deployed) {
    outputs[stack.id] = await deployStack({
      stack,
      parameters: parameters[stack.id] ?? {},
      stackOutput,
      exports,
      context: { services, assembly, parameterStore },
    });
  }
  return { outputs, exports };
}

function checkStacks(assembly: Assembly, ids: readonly string[]): void {
  const known = assembly.stacks.map(({ id }) => id);
  const unknown = ids.filter((id) => !known.includes(id));
  if (unknown.length === 0) return;
  throw new DeployError(`the assembly has no stack ${unknown.join(", ")} (it has: ${known.join(", ")})`);
}

function checkParameters(stacks: readonly AssemblyStack[], id: string, names: readonly string[]): void {
  const stack = stacks.find((candidate) => candidate.id === id);
  if (stack === undefined) {
    const known = stacks.map((candidate) => candidate.id).join(", ");
    throw new DeployError(`parameters were given for a stack ${id}; those to deploy are ${known}`);
  }
  const declared = Object.keys(stack.template.Parameters ?? {});
  const unknown = names.filter((name) => !declared.includes(name));
  if (unknown.length > 0)
    throw new DeployError(`stack ${id} has no parameter ${unknown.join(", ")} (it has: ${declared.join(", ")})`);
}
