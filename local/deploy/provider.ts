import type { Schema } from "effect";
import type { Assembly } from "./assembly.ts";
import { decodeProperties } from "./properties.ts";
import type { Services } from "./services.ts";

/** A resource as its provider meets it. */
export interface NewResource {
  /** For messages: stack, logical id and type. */
  readonly name: string;
  /** All intrinsic functions worked out. */
  readonly properties: unknown;
  /** For a resource whose template names none. */
  physicalName(longest: number): string;
}

/** What a resource answers to `Ref` and `Fn::GetAtt`. */
export interface CreatedResource {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ProviderContext {
  readonly services: Services;
  readonly assembly: Assembly;
  /** Systems Manager's parameters by name, as the stacks up to now have set them. */
  readonly parameterStore: Map<string, string>;
}

/** Makes the resources of one type. */
export type Provider = (resource: NewResource, context: ProviderContext) => Promise<CreatedResource>;

type PropertiesSchema = Schema.Top & { readonly DecodingServices: never };

/** A provider from the properties it honours (or knowingly passes over) and what it does with them. */
export function provider<S extends PropertiesSchema>(
  schema: S,
  create: (
    properties: S["Type"],
    resource: NewResource,
    context: ProviderContext,
  ) => CreatedResource | Promise<CreatedResource>,
): Provider {
  return async (resource, context) => create(decodeProperties(schema, resource), resource, context);
}
