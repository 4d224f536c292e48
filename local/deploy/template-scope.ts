import type { AssemblyStack } from "./assembly.ts";
import { DeployError } from "./deploy-error.ts";
import { resolveCondition, type Scope } from "./intrinsics.ts";
import type { CreatedResource } from "./provider.ts";
import { pseudoParameter } from "./pseudo-parameters.ts";

interface Surroundings extends Pick<Scope, "imported" | "stackOutput"> {
  /** Values of the stack's parameters that do not have their default. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The value of a parameter of Systems Manager, if a stack before has set it. */
  storedParameter(name: string): string | undefined;
  /** What has been made under a logical id by now. */
  resource(logicalId: string): CreatedResource | undefined;
}

/** What the values of a stack's template may refer to. */
export function templateScope(
  stack: AssemblyStack,
  { parameters, storedParameter, resource: made, imported, stackOutput }: Surroundings,
): Scope {
  const { Parameters = {}, Conditions = {} } = stack.template;
  const parameter = (name: string, { Type, Default }: { readonly Type: string; readonly Default?: string }) => {
    const value = parameters[name] ?? Default;
    if (value === undefined) throw new DeployError(`parameter ${name} has no default and was given no value`);
    switch (Type) {
      case "String":
      case "Number":
        return value;
      case "CommaDelimitedList":
        return value.split(",").map((element) => element.trim());
      case "AWS::SSM::Parameter::Value<String>": {
        const stored = storedParameter(value);
        if (stored !== undefined) return stored;
        throw new DeployError(`parameter ${name}: no stack before this one sets ${value} in Systems Manager`);
      }
      default:
        throw new DeployError(`parameter ${name}: parameters of type ${Type} are not implemented locally`);
    }
  };
  const resource = (logicalId: string): CreatedResource => {
    const found = made(logicalId);
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
    imported,
    stackOutput,
  };
  return scope;
}

/** Says where in the template an error lies. */
export function inside<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof DeployError ? new DeployError(`${place}: ${error.message}`) : error;
  }
}
