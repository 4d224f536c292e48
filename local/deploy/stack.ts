import type { AssemblyStack } from "./assembly.ts";
import { DeployError } from "./deploy-error.ts";
import { INERT } from "./inert.ts";
import { resolve, resolveCondition, type Scope } from "./intrinsics.ts";
import { physicalName } from "./names.ts";
import { resourceOrder } from "./order.ts";
import type { CreatedResource, ProviderContext } from "./provider.ts";
import { PROVIDERS } from "./providers/index.ts";
import { pseudoParameter } from "./pseudo-parameters.ts";

export interface StackDeployment {
  readonly stack: AssemblyStack;
  readonly parameters: Readonly<Record<string, string>>;
  /** Of the stacks before, by stack name; this stack's are added to it. */
  readonly outputs: Map<string, Readonly<Record<string, unknown>>>;
  /** Of the stacks before; this stack's are added to it. */
  readonly exports: Map<string, unknown>;
  readonly context: ProviderContext;
}

/** Makes a stack's resources, each after those it refers to. Returns its outputs. */
export async function deployStack(deployment: StackDeployment): Promise<Record<string, unknown>> {
  const { stack, outputs: allOutputs, exports, context } = deployment;
  const { Resources, Outputs = {} } = stack.template;
  const created = new Map<string, CreatedResource>();
  const scope = scopeOf(deployment, created);
  const isLeftOut = ({ Condition }: { readonly Condition?: string }) =>
    Condition !== undefined && !scope.condition(Condition);

  for (const logicalId of resourceOrder(Resources)) {
    const resource = Resources[logicalId]!;
    if (isLeftOut(resource)) continue;
    const name = `${stack.id}.${logicalId} (${resource.Type})`;
    const properties = inside(name, () => resolve(resource.Properties ?? {}, scope));
    created.set(
      logicalId,
      await create(
        resource.Type,
        { name, properties, physicalName: (longest) => physicalName(stack.name, logicalId, longest) },
        context,
      ),
    );
  }

  const outputs: Record<string, unknown> = {};
  for (const [name, output] of Object.entries(Outputs)) {
    if (isLeftOut(output)) continue;
    outputs[name] = inside(`${stack.id}, output ${name}`, () => resolve(output.Value, scope));
    if (output.Export !== undefined) exports.set(String(resolve(output.Export.Name, scope)), outputs[name]);
  }
  allOutputs.set(stack.name, outputs);
  return outputs;
}

type NewResource = Parameters<(typeof PROVIDERS)[string]>[0];

async function create(type: string, resource: NewResource, context: ProviderContext): Promise<CreatedResource> {
  const inert = INERT[type];
  if (inert !== undefined) {
    const ref = resource.physicalName(64);
    return { ref, attributes: inert.attributes?.(ref) ?? {} };
  }
  const provider = PROVIDERS[type];
  if (provider === undefined)
    throw new DeployError(`${resource.name}: resources of this type are not implemented locally`);
  return provider(resource, context);
}

function scopeOf(
  { stack, parameters, outputs, exports }: StackDeployment,
  created: ReadonlyMap<string, CreatedResource>,
): Scope {
  const { Parameters = {}, Conditions = {} } = stack.template;
  const parameter = (name: string, { Type, Default }: { readonly Type: string; readonly Default?: string }) => {
    if (!["String", "Number", "CommaDelimitedList"].includes(Type)) {
      throw new DeployError(`parameter ${name}: parameters of type ${Type} are not implemented locally`);
    }
    const value = parameters[name] ?? Default;
    if (value === undefined) throw new DeployError(`parameter ${name} has no default and was given no value`);
    return Type === "CommaDelimitedList" ? value.split(",").map((element) => element.trim()) : value;
  };
  const resource = (logicalId: string): CreatedResource => {
    const found = created.get(logicalId);
    if (found === undefined) throw new DeployError(`${logicalId} is neither a parameter nor a resource made by now`);
    return found;
  };
  const scope: Scope = {
    ref: (name) => {
      const pseudo = pseudoParameter(name, stack.name);
      if (pseudo !== undefined) return pseudo;
      const declared = Parameters[name];
      return declared !== undefined ? parameter(name, declared) : resource(name).ref;
    },
    attribute: (logicalId, attribute) => {
      const { attributes } = resource(logicalId);
      if (Object.hasOwn(attributes, attribute)) return attributes[attribute];
      const known = Object.keys(attributes).join(", ") || "none";
      throw new DeployError(`${logicalId} has no attribute ${attribute} locally (it has: ${known})`);
    },
    condition: (name) => {
      if (!Object.hasOwn(Conditions, name)) throw new DeployError(`there is no condition ${name}`);
      return resolveCondition(Conditions[name], scope);
    },
    imported: (name) => {
      if (exports.has(name)) return exports.get(name);
      throw new DeployError(`no stack before this one exports ${name}`);
    },
    stackOutput: (stackName, name) => {
      const from = outputs.get(stackName);
      if (from !== undefined && Object.hasOwn(from, name)) return from[name];
      throw new DeployError(`no stack ${stackName} with an output ${name} was deployed before this one`);
    },
  };
  return scope;
}

/** Says where in the template an error lies. */
function inside<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof DeployError ? new DeployError(`${place}: ${error.message}`) : error;
  }
}
