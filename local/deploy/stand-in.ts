import type { AssemblyStack } from "./assembly.ts";
import { DeployError } from "./deploy-error.ts";
import { INERT } from "./inert.ts";
import { resolve } from "./intrinsics.ts";
import { physicalName } from "./names.ts";
import type { CreatedResource } from "./provider.ts";
import { inside, templateScope } from "./template-scope.ts";

/** What stands for all resources of a type in stacks that are not deployed here, and why that does. */
interface StandIn {
  readonly reason: string;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** By resource type. Types of INERT need none. */
export type StandIns = Readonly<Record<string, StandIn>>;

/**
 * The value of an output of a stack that is not deployed here, with stand-ins for the resources that it refers to. Throws a
 * DeployError that names a type for which nothing stands in.
 */
export function standInOutput(stack: AssemblyStack, outputName: string, standIns: StandIns): unknown {
  const place = `${stack.id} (not deployed locally), output ${outputName}`;
  const output = stack.template.Outputs?.[outputName];
  if (output === undefined) throw new DeployError(`stack ${stack.id} has no output ${outputName}`);
  const unreachable = (what: string) => {
    throw new DeployError(`${place}: refers to another stack's ${what}, which a stack not deployed here cannot`);
  };
  const scope = templateScope(stack, {
    parameters: {},
    storedParameter: () => undefined,
    resource: (logicalId) => standInResource(stack, logicalId, standIns),
    imported: unreachable,
    stackOutput: (_stackName, name) => unreachable(name),
  });
  return inside(place, () => resolve(output.Value, scope));
}

function standInResource(stack: AssemblyStack, logicalId: string, standIns: StandIns): CreatedResource | undefined {
  const type = stack.template.Resources[logicalId]?.Type;
  if (type === undefined) return undefined;
  const standIn = standIns[type];
  if (standIn !== undefined) return standIn;
  const inert = INERT[type];
  if (inert === undefined) throw new DeployError(`${logicalId} (${type}): nothing stands in for this type locally`);
  const ref = physicalName(stack.name, logicalId, 64);
  return { ref, attributes: inert.attributes?.(ref) ?? {} };
}
