import { DeployError } from "./deploy-error.ts";
import { intrinsicCall, PLACEHOLDER, substitutionOf } from "./intrinsics.ts";
import type { TemplateResource } from "./template.ts";

/** Things in an order in which each comes after what it needs; otherwise as given. Throws a DeployError naming a cycle. */
export function inOrder(needs: ReadonlyMap<string, Iterable<string>>): string[] {
  const ordered = new Set<string>();
  const visit = (name: string, path: readonly string[]) => {
    if (ordered.has(name)) return;
    if (path.includes(name)) {
      throw new DeployError(`these need each other: ${[...path.slice(path.indexOf(name)), name].join(" → ")}`);
    }
    for (const needed of needs.get(name) ?? []) if (needs.has(needed)) visit(needed, [...path, name]);
    ordered.add(name);
  };
  for (const name of needs.keys()) visit(name, []);
  return [...ordered];
}

/** Logical ids of a template's resources, each after those it refers to or depends on. */
export function resourceOrder(resources: Readonly<Record<string, TemplateResource>>): string[] {
  return inOrder(
    new Map(
      Object.entries(resources).map(([logicalId, { Properties, DependsOn }]) => [
        logicalId,
        new Set([...(typeof DependsOn === "string" ? [DependsOn] : (DependsOn ?? [])), ...referencesIn(Properties)]),
      ]),
    ),
  );
}

/** The names that a template value refers to: of resources and of parameters. */
export function* referencesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const element of value) yield* referencesIn(element);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const call = intrinsicCall(value);
  if (call?.name === "Ref") yield String(call.argument);
  else if (call?.name === "Fn::GetAtt") yield String([call.argument].flat()[0]).split(".")[0]!;
  else {
    if (call?.name === "Fn::Sub") {
      const { text, variables } = substitutionOf(call.argument);
      for (const [, literal, name] of text.matchAll(PLACEHOLDER)) {
        if (literal === "" && !Object.hasOwn(variables, name!)) yield name!.split(".")[0]!;
      }
    }
    for (const inner of Object.values(value)) yield* referencesIn(inner);
  }
}
