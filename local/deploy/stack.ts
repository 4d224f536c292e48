import type { AssemblyStack } from "./assembly.ts";
import { DeployError } from "./deploy-error.ts";
import { INERT } from "./inert.ts";
import { resolve } from "./intrinsics.ts";
import { physicalName } from "./names.ts";
import { resourceOrder } from "./order.ts";
import type { CreatedResource, ProviderContext } from "./provider.ts";
import { PROVIDERS } from "./providers/index.ts";
import { inside, templateScope } from "./template-scope.ts";

export interface StackDeployment {
  readonly stack: AssemblyStack;
  readonly parameters: Readonly<Record<string, string>>;
  /** An output of another stack, by stack and output name. Throws a DeployError if there is none. */
  stackOutput(stackName: string, outputName: string): unknown;
  /** Of the stacks before; this stack's are added to it. */
  readonly exports: Map<string, unknown>;
  readonly context: ProviderContext;
}

/** Makes a stack's resources, each after those it refers to. Returns its outputs. */
export async function deployStack(deployment: StackDeployment): Promise<Record<string, unknown>> {
  const { stack, parameters, exports, context } = deployment;
  const { Resources, Outputs = {} } = stack.template;
  const created = new Map<string, CreatedResource>();
  const scope = templateScope(stack, {
    parameters,
    storedParameter: (name) => context.parameterStore.get(name),
    resource: (logicalId) => created.get(logicalId),
    imported: (name) => {
      if (exports.has(name)) return exports.get(name);
      throw new DeployError(`no stack before this one exports ${name}`);
    },
    stackOutput: deployment.stackOutput,
  });
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
